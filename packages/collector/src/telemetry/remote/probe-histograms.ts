import { setTimeout as delay } from 'node:timers/promises';
import { FloatHistogram, Labels, METRIC_NAME } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import type { HistogramFate, LongTermBatch } from '../long-term/long-term-engine.ts';
import type { ProbeAccess, Reading } from './probe.ts';
import { CANARY, CANARY_POLL_MS } from './remote-options.ts';
import type { Version } from './write-headers.ts';

/** How often one is looked for after a number showed: a server that keeps none may say nothing. */
const MAX_LOOKS = 10;

const HISTOGRAM = new FloatHistogram({
  count: 3,
  sum: 4.5,
  positive: { indexes: [0, 1], counts: Float64Array.of(1, 2) },
});

/**
 * Whether native histograms are kept: one is written twice and looked for. VictoriaMetrics, which alone has an export,
 * makes series of buckets of them; what a query shows of them is not what was written, and is not looked at.
 *
 * @throws PlimsollError 'configuration' for a server that has it twice then.
 */
export async function probeHistograms(
  canary: { readonly collector: string; readonly timestampMs: number },
  spoken: { readonly version: Version; readonly reading: Reading },
  access: Pick<ProbeAccess, 'write' | 'read'>,
): Promise<HistogramFate> {
  if (spoken.reading === 'export') return 'converted';
  const labels = Labels.of({ [METRIC_NAME]: CANARY, collector: canary.collector, shard: 'histogram' });
  if (!(await isTaken(labels, canary.timestampMs, spoken.version, access))) return 'left_out';
  if (spoken.reading === 'query') return 'kept';
  return lookFor(labels, canary.timestampMs, spoken.reading, access);
}

async function isTaken(
  labels: Labels,
  timestampMs: number,
  version: Version,
  { write }: Pick<ProbeAccess, 'write'>,
): Promise<boolean> {
  const batch: LongTermBatch = {
    refs: Uint32Array.of(0),
    timestampsMs: Float64Array.of(timestampMs),
    values: Float64Array.of(0),
    histograms: [HISTOGRAM],
    labels: [labels],
    metadata: [],
  };
  try {
    for (let i = 0; i < 2; i++) await write(batch, version);
    return true;
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'invalid_argument') return false;
    throw error;
  }
}

async function lookFor(
  labels: Labels,
  timestampMs: number,
  reading: Reading,
  { read }: Pick<ProbeAccess, 'read'>,
): Promise<HistogramFate> {
  const matchers = Array.from(labels.entries(), ([name, value]) => ({ name, type: '=' as const, value }));
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const [found] = await read({ matchers, startMs: timestampMs, endMs: timestampMs }, reading);
    if (found !== undefined && found.timestamps.length > 1) {
      throw new PlimsollError(
        'configuration',
        'the remote server counts a histogram that is sent again twice',
      );
    }
    if (found !== undefined) return found.histograms?.[0]?.equals(HISTOGRAM) === true ? 'kept' : 'left_out';
    await delay(CANARY_POLL_MS);
  }
  return 'left_out';
}
