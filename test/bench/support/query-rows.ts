import { hostName } from './bench-hosts.ts';

/** One query of the comparison with the peers. */
export interface QueryRow {
  readonly id: string;
  readonly query: string;
  /** Seconds before the end where a range starts; absent of an instant query. */
  readonly range?: number;
  /** Milliseconds of CPU of the better peer where it was measured before, for runs without peers. */
  readonly recordedMs: number;
  /** How far VictoriaMetrics' values are from Prometheus' by its own definition of the function; absent where they agree. */
  readonly ownDefinition?: number;
}

const STEP_SECONDS = 60;

export const queryRows: readonly QueryRow[] = [
  { id: 'a', query: 'avg by (host) (cpu_usage)', recordedMs: 5.3 },
  {
    id: 'b',
    query: 'max by (host) (rate(disk_bytes_total[5m]))',
    range: 3600,
    recordedMs: 8.9,
    // It counts from the last sample before the window and extrapolates nothing.
    ownDefinition: 0.1,
  },
  { id: 'c', query: `cpu_usage{host="${hostName(7)}", mode="user"}`, range: 4 * 3600, recordedMs: 0.18 },
  { id: 'c2', query: 'avg by (host) (cpu_usage)', range: 4 * 3600, recordedMs: 21.1 },
  { id: 'd', query: 'predict_linear(disk_used[1h], 86400)', recordedMs: 8 },
  { id: 'e', query: 'topk(10, cpu_usage)', recordedMs: 5.8 },
  { id: 'f', query: 'quantile(0.95, cpu_core_usage)', recordedMs: 4.1 },
  { id: 'f2', query: 'quantile_over_time(0.95, cpu_usage[1h])', recordedMs: 32.1 },
  { id: 'g', query: 'disk_used_percent > 85', recordedMs: 1.7 },
];

/** The address that asks for `row` as of `end`, Unix seconds. */
export function addressOf(url: string, { query, range }: QueryRow, end: number): string {
  const form = new URLSearchParams({ query });
  if (range === undefined) form.set('time', String(end));
  else {
    form.set('start', String(end - range));
    form.set('end', String(end));
    form.set('step', String(STEP_SECONDS));
  }
  return `${url}/api/v1/${range === undefined ? 'query' : 'query_range'}?${form.toString()}`;
}
