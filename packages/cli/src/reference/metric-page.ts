import { markdownTable } from './markdown-table.ts';
import type { MetricDescription } from './running-collector.ts';

/** The page that lists the collector's own metrics. */
export function metricPage(metrics: readonly MetricDescription[]): string {
  const rows = metrics.map(({ name, type, help, labels }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return `# Metrics of the collector

On \`/metrics\` of the web address, in Prometheus' text format, base units. The agent's own page shows the host's \`node_*\`
metrics and its \`plimsoll_agent_*\`.

${markdownTable(['Metric', 'Type', 'Labels', 'Meaning'], rows)}
`;
}
