import type { Labels } from '../labels.ts';

/**
 * Whether a series belongs to a share of all series: for a positive ratio those whose hash lies below it, for a
 * negative one the complement. `limit_ratio(r)` and `limit_ratio(r - 1)` so divide the series between them.
 */
export function inRatio(ratio: number, labels: Labels): boolean {
  const position = hashPosition(labels.key);
  return ratio >= 0 ? position < ratio : position >= 1 + ratio;
}

/** A place in [0, 1) for a text: 64 bits of FNV-1a over its UTF-16 units, mixed once more. */
function hashPosition(text: string): number {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193) >>> 0;
    high = Math.imul(high ^ (low >>> 16), 0x85ebca6b) >>> 0;
  }
  return ((high ^ (high >>> 13)) >>> 0) / 2 ** 32 + low / 2 ** 64;
}
