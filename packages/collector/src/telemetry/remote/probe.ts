import { setTimeout as delay } from 'node:timers/promises';
import { Labels, METRIC_NAME, type SelectRequest, type SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import type { HistogramFate, LongTermBatch } from '../long-term/long-term-engine.ts';
import { probeHistograms } from './probe-histograms.ts';
import { CANARY, CANARY_POLL_MS, type RemoteOptions } from './remote-options.ts';
import type { Version } from './write-headers.ts';

/** How raw samples are read: as they are, from VictoriaMetrics, or by a query, which shows no stale markers. */
export type Reading = 'remote-read' | 'export' | 'query';

const READINGS: readonly Reading[] = ['remote-read', 'export', 'query'];

const COUNTED_TWICE =
  'the remote server counts a sample that is sent again twice: VictoriaMetrics needs -dedup.minScrapeInterval=1ms on every node that stores or queries';
const LOST =
  'the remote server keeps one of two samples a millisecond apart: with VictoriaMetrics, set -dedup.minScrapeInterval to 1ms and no more';

export interface ProbeAccess {
  readonly write: (batch: LongTermBatch, version: Version) => Promise<void>;
  readonly read: (request: SelectRequest, reading: Reading) => Promise<readonly SeriesColumns[]>;
  /** Asks the server to show at once what it took, where it knows how to. */
  readonly flush: () => Promise<void>;
}

/**
 * Writes two samples a millisecond apart, twice, and looks at what is there then: each must be there, and once.
 * Finds out on the way what the server speaks.
 *
 * @throws PlimsollError 'configuration' for a server that would lose samples or count them twice.
 */
export async function probeRemote(
  options: RemoteOptions,
  access: ProbeAccess,
): Promise<{ readonly version: Version; readonly reading: Reading; readonly histograms: HistogramFate }> {
  const timestampMs = Date.now();
  const labels = Labels.of({ [METRIC_NAME]: CANARY, collector: options.collector });
  const canary: LongTermBatch = {
    refs: Uint32Array.of(0, 0, 0),
    timestampsMs: Float64Array.of(timestampMs, timestampMs, timestampMs + 1),
    values: Float64Array.of(1, 1, 1),
    labels: [labels],
    metadata: [],
  };
  const version = await writeCanary(canary, access);
  const request = {
    matchers: Array.from(labels.entries(), ([name, value]) => ({ name, type: '=' as const, value })),
    startMs: timestampMs,
    endMs: timestampMs + 1,
  };
  await access.flush();
  const reading = await findCanary(request, access);
  const later = { collector: options.collector, timestampMs: timestampMs + 2 };
  return { version, reading, histograms: await probeHistograms(later, { version, reading }, access) };
}

/** Version 2 where the server speaks it. The second write must be taken like the first. */
async function writeCanary(canary: LongTermBatch, { write }: ProbeAccess): Promise<Version> {
  const version = await newestVersion(canary, write);
  try {
    await write(canary, version);
  } catch (error) {
    throw replayRefused(error);
  }
  return version;
}

async function newestVersion(canary: LongTermBatch, write: ProbeAccess['write']): Promise<Version> {
  try {
    await write(canary, 2);
    return 2;
  } catch (error) {
    // A server of version 1 says so by its status, or takes the message and does not count what it wrote.
    if (!(error instanceof PlimsollError) || error.details['answered'] !== true) throw error;
  }
  try {
    await write(canary, 1);
  } catch (error) {
    throw notThisApi(error);
  }
  return 1;
}

/** What receivers say of samples, such as those a clock gave a wrong time. */
const OF_SAMPLES = /sample|timestamp|bounds|out of order|too (?:old|far)/i;

/** Nothing is wrong with the canary: whoever refuses it for what it is does not know what is asked. */
function notThisApi(error: unknown): unknown {
  if (!(error instanceof PlimsollError) || error.code !== 'invalid_argument') return error;
  if (OF_SAMPLES.test(error.message)) return error;
  const details = { ...error.details, notThisApi: true };
  return new PlimsollError('unavailable', `${error.message}; check storage.remote.write_url`, {
    cause: error,
    details,
  });
}

function replayRefused(error: unknown): unknown {
  if (!(error instanceof PlimsollError) || error.code !== 'invalid_argument') return error;
  return new PlimsollError(
    'configuration',
    `the remote server refuses a sample it has already (${error.message}): a Prometheus needs storage.tsdb.out_of_order_time_window`,
    { cause: error },
  );
}

async function findCanary(request: SelectRequest, { read }: ProbeAccess): Promise<Reading> {
  let fault: unknown;
  for (const reading of READINGS) {
    let rows = 0;
    try {
      // New samples show after a moment.
      while ((rows = rowsOf(await read(request, reading))) < 2) await delay(CANARY_POLL_MS);
    } catch (error) {
      fault ??= error;
      if (rows === 0) continue;
    }
    if (rows === 2) return reading;
    throw new PlimsollError('configuration', rows > 2 ? COUNTED_TWICE : LOST);
  }
  throw fault;
}

function rowsOf(series: readonly SeriesColumns[]): number {
  return series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}
