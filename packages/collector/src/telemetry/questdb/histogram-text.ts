import type { FloatHistogram } from '@plimsoll/promql';
import { ByteReader } from '../embedded/byte-reader.ts';
import { ByteWriter } from '../embedded/byte-writer.ts';
import { readHistogram, writeHistogram } from '../embedded/details/histogram-record.ts';

const writer = new ByteWriter(new ArrayBuffer(1024));

/** A native histogram as the store's log has it (docs/format/log.md), in base64. */
export function histogramToText(histogram: FloatHistogram): string {
  writer.reset();
  writeHistogram(writer, histogram);
  return Buffer.from(writer.written()).toString('base64');
}

/** The histogram of a text that `histogramToText` made; undefined for any other. */
export function histogramFromText(text: string): FloatHistogram | undefined {
  try {
    return readHistogram(new ByteReader(Buffer.from(text, 'base64')));
  } catch (error) {
    // Whoever writes into the table may write anything.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
