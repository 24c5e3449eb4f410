import { apiPage } from './api-page.ts';
import { configurationPage } from './configuration-page.ts';
import { flagPage } from './flag-page.ts';
import { metricPage } from './metric-page.ts';
import { describeRunningCollector } from './running-collector.ts';

/** The generated pages of docs/reference by file name. */
export async function referencePages(): Promise<Record<string, string>> {
  const { metrics, openApi } = await describeRunningCollector();
  return {
    'flags.md': await flagPage(),
    'configuration.md': configurationPage(),
    'metrics.md': metricPage(metrics),
    'api.md': apiPage(openApi),
  };
}
