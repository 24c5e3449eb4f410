import type { Labels, SeriesColumns } from '@plimsoll/promql';
import type { ChunkSamples } from './decode-xor-chunk.ts';

/** One series' chunks as columns; null without samples. Chunks that overlap are put in order, repeats left out. */
export function joinSamples(labels: Labels, chunks: readonly ChunkSamples[]): SeriesColumns | null {
  const [only] = chunks;
  const count = chunks.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
  if (count === 0) return null;
  if (chunks.length === 1 && only !== undefined && isAscending(only.timestamps)) return { labels, ...only };
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  let at = 0;
  for (const chunk of chunks) {
    timestamps.set(chunk.timestamps, at);
    values.set(chunk.values, at);
    at += chunk.timestamps.length;
  }
  return isAscending(timestamps) ? { labels, timestamps, values } : inOrder(labels, timestamps, values);
}

function isAscending(timestamps: Float64Array): boolean {
  for (let i = 1; i < timestamps.length; i++) {
    if ((timestamps[i - 1] ?? 0) >= (timestamps[i] ?? 0)) return false;
  }
  return true;
}

/** Of samples at one time the first stays. */
function inOrder(labels: Labels, timestamps: Float64Array, values: Float64Array): SeriesColumns {
  const order = Array.from(timestamps.keys())
    .sort((a, b) => (timestamps[a] ?? 0) - (timestamps[b] ?? 0) || a - b)
    .filter((index, i, all) => i === 0 || timestamps[all[i - 1] ?? 0] !== timestamps[index]);
  const sorted = new Float64Array(order.length);
  order.forEach((from, to) => sorted.set(values.subarray(from, from + 1), to));
  return { labels, timestamps: Float64Array.from(order, (i) => timestamps[i] ?? 0), values: sorted };
}
