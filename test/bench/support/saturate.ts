import { simulatedSeries } from '../../../packages/cli/src/fleet/simulated-host.ts';
import { LoadStream } from './load-stream.ts';

const STREAMS = 8;
/** Of a message. */
const SATURATED_SERIES = 100;
const INTERVAL_MS = 10_000;

/** Streams that send as fast as they are acknowledged, until they are disposed of. */
export interface Saturation extends AsyncDisposable {
  /** Samples acknowledged so far. */
  readonly acknowledged: () => number;
  /** The time of the newest samples sent, milliseconds: far behind the clock, and running faster. */
  readonly newestMs: () => number;
}

export async function saturate(address: string): Promise<Saturation> {
  const series = simulatedSeries(SATURATED_SERIES);
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, n) =>
      LoadStream.open({ address, instance: `bench-${n}`, series, seed: n, intervalMs: INTERVAL_MS }),
    ),
  );
  const stop = new AbortController();
  const startMs = Date.now() - 30 * 86_400_000 + 3_600_000;
  let newestMs = startMs;
  const loops = streams.map(async (stream) => {
    for (let at = startMs; !stop.signal.aborted; at += INTERVAL_MS) {
      newestMs = Math.max(newestMs, at);
      await stream.send(at, INTERVAL_MS / 1000);
    }
    await stream.settled();
  });
  return {
    acknowledged: () => streams.reduce((sum, stream) => sum + stream.acknowledged, 0) * SATURATED_SERIES,
    newestMs: () => newestMs,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loops);
      for (const stream of streams) stream[Symbol.dispose]();
    },
  };
}
