import type { Labels } from '../labels.ts';
import { xxhash64 } from './xxhash64.ts';

/**
 * Whether a series belongs to a share of all series: for a positive ratio those whose hash lies below it, for a
 * negative one the complement. `limit_ratio(r)` and `limit_ratio(r - 1)` so divide the series between them. The hash
 * is Prometheus', so that the same series are chosen.
 */
export function inRatio(ratio: number, labels: Labels): boolean {
  const position = Number(xxhash64(encode(labels))) / 2 ** 64;
  return ratio >= 0 ? position < ratio : position >= 1 + ratio;
}

/** Names and values alternating, each after its length: one byte, or 255 and three bytes. */
function encode({ pairs }: Labels): Uint8Array {
  const bytes: number[] = [];
  for (const part of pairs) {
    const text = new TextEncoder().encode(part);
    const { length } = text;
    if (length < 255) bytes.push(length);
    else bytes.push(255, length & 255, (length >> 8) & 255, (length >> 16) & 255);
    for (const byte of text) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
