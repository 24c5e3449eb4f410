/** Ten recording and ten alerting rules over the series of simulated hosts, none of which fires by itself. */
export function benchRules(interval: string): string {
  const recording = [
    ['host:cpu_busy:rate1m', '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m]))'],
    ['host:cpu_user:rate1m', 'sum by (instance) (rate(node_cpu_seconds_total{mode="user"}[1m]))'],
    ['host:memory_used:ratio', '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes'],
    ['host:filesystem_used:ratio', '1 - node_filesystem_avail_bytes / node_filesystem_size_bytes'],
    ['host:gauge:avg', 'avg by (instance) (fleet_gauge)'],
    ['host:gauge:max5m', 'max by (instance) (max_over_time(fleet_gauge[5m]))'],
    ['host:events:rate1m', 'sum by (instance) (rate(fleet_events_total[1m]))'],
    ['fleet:load1:quantile', 'quantile(0.95, node_load1)'],
    ['fleet:cpu_busy:avg', 'avg(1 - rate(node_cpu_seconds_total{mode="idle"}[1m]))'],
    ['fleet:hosts:count', 'count(node_load1)'],
  ];
  const alerting = [
    ['LoadHigh', 'node_load1 > 50'],
    ['LoadNegative', 'node_load1 < 0'],
    ['MemoryLow', 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.01'],
    ['FilesystemFull', 'node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.01'],
    ['FilesystemReadOnly', 'node_filesystem_readonly == 1'],
    ['CpuBusy', '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])) > 2'],
    ['GaugeHigh', 'fleet_gauge > 1000'],
    ['GaugeAverage', 'avg by (instance) (fleet_gauge) > 1000'],
    ['EventsMany', 'rate(fleet_events_total[1m]) > 1e9'],
    ['Rebooted', 'changes(node_boot_time_seconds[10m]) > 0'],
  ];
  const rules = [
    ...recording.map(([name, expr]) => `      - {record: '${name}', expr: '${expr}'}`),
    ...alerting.map(
      ([name, expr]) =>
        `      - {alert: ${name}, expr: '${expr}', labels: {severity: warning, category: performance}}`,
    ),
  ];
  return `groups:\n  - name: bench\n    interval: ${interval}\n    rules:\n${rules.join('\n')}\n`;
}

/** A configuration with these rules alone, beside `rules.yml`. */
export const BENCH_CONFIG = 'rule_files: [rules.yml]\nshippedRules: false\n';
