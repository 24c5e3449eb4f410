export {
  HORIZON_DAYS,
  MINIMUM_HISTORY_DAYS,
  growthForecast,
  timeToFull,
  type GrowthForecast,
  type TimeToFull,
  type TimeToFullRequest,
} from './time-to-full.ts';
export type { Outlook } from './outlook.ts';
export { forecast, type Forecast, type ForecastRequest } from './forecast.ts';
