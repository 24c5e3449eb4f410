/**
 * Rice codes for residuals: a value's low k bits as they are, the rest in unary, with k chosen anew for each partition.
 * For the bell-shaped residuals of gauges and counters this is within a few hundredths of a byte of their entropy, and
 * needs no tables. (Robert F. Rice, "Some Practical Universal Noiseless Coding Techniques", JPL 79-22, 1979.)
 *
 * partition: 6 bits k (63: all residuals are 0, nothing follows), then for each residual, zigzagged to u:
 *            q = u >> k zeros, a one, k low bits; q is at most 19. 20 zeros and a one: u follows in 53 bits.
 */
const PARTITION = 128;
const K_BITS = 6;
const ALL_ZERO = 63;
const MAX_K = 45;
const K_STEP = 0.93;
const ESCAPE_Q = 20;
/** Up to this k, all steps stay within 32-bit integers. */
const MAX_FAST_K = 24;
const MAX_FAST_U = 0x7fff_ffff;
/** Of the 32 bits that are read from a byte on, those behind any bit of it. */
const PEEKED_BITS = 25;
/** Bits of one residual at most: the escape, and its 53 bits. */
const MAX_CODE_BYTES = 10;

let buffer = new Uint8Array(64 * 1024);
let view = new DataView(buffer.buffer);
let at = 0;
let pending = 0;
let free = 32;
const zigzag = new Float64Array(PARTITION);

/** Encodes integers of at most 52 bits. The result is a view that the next call overwrites. */
export function encodeRice(residuals: Float64Array, count: number): Uint8Array {
  begin(count);
  for (let from = 0; from < count; from += PARTITION) {
    encodePartition(residuals, from, Math.min(PARTITION, count - from));
  }
  const usedBytes = (32 - free + 7) >> 3;
  if (usedBytes > 0) view.setUint32(at, pending);
  return buffer.subarray(0, at + usedBytes);
}

function begin(count: number): void {
  const needed = count * MAX_CODE_BYTES + 64;
  if (buffer.length < needed) {
    buffer = new Uint8Array(needed);
    view = new DataView(buffer.buffer);
  }
  at = 0;
  pending = 0;
  free = 32;
}

function encodePartition(residuals: Float64Array, from: number, count: number): void {
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const residual = residuals[from + i] ?? 0;
    const u = residual < 0 ? -2 * residual - 1 : 2 * residual;
    zigzag[i] = u;
    sum += u;
    if (u > largest) largest = u;
  }
  if (largest === 0) {
    put(ALL_ZERO, K_BITS);
    return;
  }
  const k = bestK(sum, count);
  put(k, K_BITS);
  if (k <= MAX_FAST_K && largest <= MAX_FAST_U) putFast(count, k);
  else putSlow(count, k);
}

/**
 * The k whose expected cost is least: one more low bit costs a bit for each residual and halves the zeros, which pays
 * while the mean is above 2^(k+1) or a little less. K_STEP is the best factor measured on gauges and counters.
 */
function bestK(sum: number, count: number): number {
  const mean = sum / count;
  return mean < 1 ? 0 : Math.min(MAX_K, Math.max(0, Math.floor(Math.log2(mean / K_STEP))));
}

function putFast(count: number, k: number): void {
  const lowMask = (1 << k) - 1;
  const one = 1 << k;
  for (let i = 0; i < count; i++) {
    const u = zigzag[i] ?? 0;
    const q = u >>> k;
    if (q >= ESCAPE_Q) {
      putEscaped(u);
      continue;
    }
    const length = q + 1 + k;
    if (length > 32) {
      put(0, q);
      put(one | (u & lowMask), k + 1);
    } else {
      put(one | (u & lowMask), length);
    }
  }
}

function putSlow(count: number, k: number): void {
  const scale = 2 ** k;
  for (let i = 0; i < count; i++) {
    const u = zigzag[i] ?? 0;
    const q = Math.floor(u / scale);
    if (q >= ESCAPE_Q) {
      putEscaped(u);
      continue;
    }
    put(1, q + 1);
    putWide(u - q * scale, k);
  }
}

function putEscaped(u: number): void {
  put(1, ESCAPE_Q + 1);
  putWide(u, 53);
}

function putWide(value: number, bits: number): void {
  if (bits <= 24) {
    if (bits > 0) put(value, bits);
    return;
  }
  const high = Math.floor(value / 0x100_0000);
  putWide(high, bits - 24);
  put(value - high * 0x100_0000, 24);
}

/** Appends the low `length` bits (1 to 32) of a code whose higher bits are 0. */
function put(code: number, length: number): void {
  if (length < free) {
    free -= length;
    pending |= code << free;
    return;
  }
  const over = length - free;
  view.setUint32(at, pending | (code >>> over));
  at += 4;
  free = 32 - over;
  pending = over === 0 ? 0 : code << free;
}

/** Decodes `count` residuals into `out` from `outAt`. PADDING_BYTES behind the code must be readable. */
export function decodeRice(
  bytes: DataView,
  start: number,
  count: number,
  out: Float64Array,
  outAt: number,
): void {
  let bit = start * 8;
  for (let from = 0; from < count; from += PARTITION) {
    const size = Math.min(PARTITION, count - from);
    const k = peek(bytes, bit) >>> (32 - K_BITS);
    bit += K_BITS;
    if (k === ALL_ZERO) out.fill(0, outAt + from, outAt + from + size);
    else bit = decodePartition(bytes, bit, k, size, out, outAt + from);
  }
}

/** At least PEEKED_BITS bits from a bit position, left-aligned. */
function peek(bytes: DataView, bit: number): number {
  return bytes.getUint32(bit >>> 3) << (bit & 7);
}

/** Mostly two codes are in what is read at once: a third fewer instructions wait for each other than with one at a time. */
function decodePartition(
  bytes: DataView,
  start: number,
  k: number,
  count: number,
  out: Float64Array,
  outAt: number,
): number {
  let bit = start;
  // Shifting by 32 is shifting by 0 in JavaScript: the low bits of k = 0 are shifted out in two steps.
  const rest = 31 - k;
  const end = outAt + count;
  for (let i = outAt; i < end;) {
    const word = peek(bytes, bit);
    const q = Math.clz32(word);
    const length = q + 1 + k;
    if (length > PEEKED_BITS || q >= ESCAPE_Q) {
      bit = decodeLong(bytes, bit, k, out, i++);
      continue;
    }
    const low = (word << q) & 0x7fff_ffff;
    out[i++] = unzigzag((q << k) | (low >>> rest));
    bit += length;
    const next = (low << k) << 1;
    const nextQ = Math.clz32(next);
    const nextLength = nextQ + 1 + k;
    if (length + nextLength > PEEKED_BITS || nextQ >= ESCAPE_Q || i === end) continue;
    out[i++] = unzigzag((nextQ << k) | (((next << nextQ) & 0x7fff_ffff) >>> rest));
    bit += nextLength;
  }
  return bit;
}

function unzigzag(u: number): number {
  return (u >>> 1) ^ -(u & 1);
}

function decodeLong(bytes: DataView, start: number, k: number, out: Float64Array, outAt: number): number {
  const q = Math.clz32(peek(bytes, start));
  const bits = q === ESCAPE_Q ? 53 : k;
  let bit = start + q + 1;
  let low = 0;
  for (let left = bits; left > 0;) {
    const take = Math.min(left, 24);
    low = low * 2 ** take + (peek(bytes, bit) >>> (32 - take));
    bit += take;
    left -= take;
  }
  const u = q === ESCAPE_Q ? low : q * 2 ** k + low;
  out[outAt] = u % 2 === 0 ? u / 2 : -(u + 1) / 2;
  return bit;
}
