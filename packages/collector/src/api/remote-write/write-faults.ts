import { type FloatHistogram, formatGoGeneral, type Matcher, quoteGo } from '@plimsoll/promql';
import type { RefusedSample, TelemetryStore } from '../../telemetry/store.ts';

/** Why something of a request was not stored. */
export interface WriteFault {
  /** The series' place in the request. */
  readonly series: number;
  readonly message: string;
  /** Labels of the series, names and values alternating; null where the message names them itself. */
  readonly labels: readonly string[] | null;
}

/** What one answer tells at most: a sender that does one thing wrong does it thousands of times. */
const MAX_TOLD = 20;

/** Faults of each kind kept of one request; the counters know of all. */
export const MAX_FAULTS = 1_000;

/** Characters of one line: labels may be long. */
const MAX_LINE = 2_000;

/** As Prometheus answers version 1: the first fault in the order of the request. */
export function firstFault(faults: readonly WriteFault[]): string | undefined {
  return inOrder(faults)[0]?.message;
}

/** As Prometheus answers version 2: a line for each fault, with its series. */
export function allFaults(faults: readonly WriteFault[]): string {
  const lines = inOrder(faults).slice(0, MAX_TOLD).map(lineOf);
  const more = faults.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function lineOf({ message, labels }: WriteFault): string {
  const line = labels === null ? message : `${message} for series ${seriesText(labels)}`;
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}...` : line;
}

function inOrder(faults: readonly WriteFault[]): readonly WriteFault[] {
  return faults.toSorted((a, b) => a.series - b.series);
}

/** Labels as Prometheus' errors write them. */
export function seriesText(labels: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at] ?? '';
    const plain = /^[a-zA-Z_]\w*$/.test(name);
    parts.push(`${plain ? name : quoteGo(name)}=${quoteGo(labels[at + 1] ?? '')}`);
  }
  return `{${parts.join(', ')}}`;
}

/** A sample the store did not take. */
export interface RefusedValue {
  readonly labels: readonly string[];
  readonly timestampMs: number;
  readonly value: number | FloatHistogram;
}

/** Prometheus' words for a refused sample; for a duplicate the stored value is looked up. */
export async function refusalMessage(
  reason: RefusedSample['reason'],
  { labels, timestampMs, value }: RefusedValue,
  store: Pick<TelemetryStore, 'select'>,
): Promise<string> {
  if (reason === 'outOfOrder') return 'out of order sample';
  if (reason === 'tooOld') return 'too old sample';
  if (typeof value !== 'number') return 'duplicate sample for timestamp';
  const matchers: Matcher[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    matchers.push({ name: labels[at] ?? '', type: '=', value: labels[at + 1] ?? '' });
  }
  const found = await store.select({ matchers, startMs: timestampMs, endMs: timestampMs });
  // Series with further labels meet the same matchers.
  const own = found.find((series) => series.labels.size * 2 === labels.length);
  const at = own?.timestamps.indexOf(timestampMs) ?? -1;
  const existing = own?.values[at];
  if (existing === undefined) return 'duplicate sample for timestamp';
  const isHistogram = own?.histograms?.[at] !== undefined;
  const told = isHistogram ? 'existing is a histogram' : `existing ${formatGoGeneral(existing)}`;
  return `duplicate sample for timestamp ${timestampMs}; overrides not allowed: ${told}, new value ${formatGoGeneral(value)}`;
}
