export { Labels, METRIC_NAME } from './labels.ts';
export type { Matcher, MatchType, Queryable, SelectRequest, SeriesColumns } from './queryable.ts';
