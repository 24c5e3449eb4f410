import {
  encodeWriteRequest,
  type SeriesToWrite,
  varint,
} from '../../../packages/collector/src/api/remote-write/testing/encode-write-request.ts';
import type { TimeSpan } from './generate-series.ts';

/** Servers take samples up to an hour older than their newest: series are written side by side, slice by slice. */
const SLICE_MS = 300_000;
/** The longest literal with a length of two bytes. */
const LITERAL_BYTES = 65_536;

/** Sends all samples by remote write 1.0; throws where the server refuses some. */
export async function remoteWrite(
  url: string,
  series: readonly SeriesToWrite[],
  span: TimeSpan,
): Promise<void> {
  for (let fromMs = span.startMs; fromMs <= span.endMs; fromMs += SLICE_MS) {
    const slice = series
      .map(({ labels, samples }) => ({
        labels,
        samples: samples.filter(
          ({ timestampMs }) => timestampMs >= fromMs && timestampMs < fromMs + SLICE_MS,
        ),
      }))
      .filter(({ samples }) => samples.length > 0);
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: snappyOf(encodeWriteRequest(slice)),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} refused samples: ${response.status} ${text}`);
  }
}

/** Snappy's block format with literals only: valid for every decoder, and needs no encoder. */
export function snappyOf(content: Buffer): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [varint(content.length)];
  for (let at = 0; at < content.length; at += LITERAL_BYTES) {
    const literal = content.subarray(at, at + LITERAL_BYTES);
    const tag = Buffer.alloc(3, 61 << 2);
    tag.writeUInt16LE(literal.length - 1, 1);
    parts.push(tag, literal);
  }
  return Buffer.concat(parts);
}
