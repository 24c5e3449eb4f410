import type { FloatHistogram, SeriesColumns } from '@plimsoll/promql';
import { canFollow, encodeHistogramChunk } from './encode-histogram-chunk.ts';
import { encodeXor2Chunk, encodeXorChunk, SAMPLES_PER_CHUNK } from './encode-xor-chunk.ts';

/** A chunk of Prometheus', and its number in the protocol. */
export interface EncodedChunk {
  readonly minMs: number;
  readonly maxMs: number;
  readonly type: number;
  readonly data: Uint8Array;
}

const XOR = 1;
const XOR2 = 4;

/** Cuts a series into chunks: of numbers, or of histograms that share their buckets. */
export function* encodeChunks(series: SeriesColumns, starts: boolean): Generator<EncodedChunk, void> {
  const { timestamps } = series;
  const withStarts = starts && series.startTimestamps !== undefined;
  for (let from = 0; from < timestamps.length;) {
    const to = endOfRun(series, from);
    const times = { minMs: timestamps[from] ?? 0, maxMs: timestamps[to - 1] ?? 0 };
    yield { ...times, ...encodeRun(series, from, to, withStarts) };
    from = to;
  }
}

function encodeRun(
  series: SeriesColumns,
  from: number,
  to: number,
  starts: boolean,
): Pick<EncodedChunk, 'type' | 'data'> {
  const { timestamps, values, histograms, startTimestamps } = series;
  const run = (histograms ?? []).slice(from, to).filter((each): each is FloatHistogram => each !== undefined);
  if (run.length > 0) {
    return encodeHistogramChunk(
      {
        timestamps: timestamps.subarray(from, to),
        histograms: run,
        startTimestamps: startTimestamps?.subarray(from, to) ?? new Float64Array(run.length),
      },
      starts,
    );
  }
  return starts
    ? { type: XOR2, data: encodeXor2Chunk(series, from, to) }
    : { type: XOR, data: encodeXorChunk(timestamps, values, from, to) };
}

/** Where the samples end that can be in one chunk with the one at `from`. */
function endOfRun({ timestamps, histograms }: SeriesColumns, from: number): number {
  const limit = Math.min(from + SAMPLES_PER_CHUNK, timestamps.length);
  if (histograms === undefined) return limit;
  let before = histograms[from];
  let to = from + 1;
  for (; to < limit; to++) {
    const histogram = histograms[to];
    if ((histogram === undefined) !== (before === undefined)) break;
    if (histogram !== undefined && before !== undefined && !canFollow(histogram, before)) break;
    before = histogram;
  }
  return to;
}
