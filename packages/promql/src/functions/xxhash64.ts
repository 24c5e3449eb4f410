const MASK = (1n << 64n) - 1n;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function round(accumulator: bigint, input: bigint): bigint {
  return (rotate((accumulator + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function mergeRound(hash: bigint, accumulator: bigint): bigint {
  return ((hash ^ round(0n, accumulator)) * PRIME_1 + PRIME_4) & MASK;
}

/** Four lanes over stripes of 32 bytes, and how far they reached. */
function hashStripes(view: DataView): { hash: bigint; at: number } {
  const lanes = [(PRIME_1 + PRIME_2) & MASK, PRIME_2, 0n, -PRIME_1 & MASK];
  let at = 0;
  for (; at + 32 <= view.byteLength; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = round(lanes[lane] ?? 0n, view.getBigUint64(at + lane * 8, true));
    }
  }
  const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes;
  const mixed = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
  return { hash: lanes.reduce(mergeRound, mixed), at };
}

/** XXH64 of bytes with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let { hash, at } = bytes.length >= 32 ? hashStripes(view) : { hash: PRIME_5, at: 0 };
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4) & MASK;
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash =
      (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * PRIME_1) & MASK), 23n) * PRIME_2 + PRIME_3) & MASK;
  }
  for (; at < bytes.length; at++) {
    hash = (rotate(hash ^ ((BigInt(bytes[at] ?? 0) * PRIME_5) & MASK), 11n) * PRIME_1) & MASK;
  }
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}
