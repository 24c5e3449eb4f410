import type { FloatHistogram } from '@plimsoll/promql';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { readHistogram, writeHistogram } from './histogram-record.ts';
import type { SampleDetails } from './sample-details.ts';

const HISTOGRAM = 1;
const START = 2;

/** Writes details row by row, as the log has them. */
export function writeDetailRows(out: ByteWriter, details: SampleDetails): void {
  details.startTimestampsMs.forEach((startMs, row) => {
    const histogram = details.histograms[row];
    out.u8((histogram === undefined ? 0 : HISTOGRAM) | (startMs === 0 ? 0 : START));
    if (startMs !== 0) out.f64(startMs);
    if (histogram !== undefined) writeHistogram(out, histogram);
  });
}

export function readDetailRows(reader: ByteReader, count: number): SampleDetails {
  const startTimestampsMs = new Float64Array(count);
  const histograms: (FloatHistogram | undefined)[] = [];
  for (let row = 0; row < count; row++) {
    const flags = reader.u8();
    if ((flags & START) !== 0) startTimestampsMs[row] = reader.f64();
    histograms.push((flags & HISTOGRAM) === 0 ? undefined : readHistogram(reader));
  }
  return { histograms, startTimestampsMs };
}
