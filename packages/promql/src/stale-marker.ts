/**
 * The bits of Prometheus' stale marker: a NaN with 2 in its lowest bits. Its quiet bit is not compared, because moving
 * a signalling NaN through a register may set it.
 */
const STALE_HIGH = 0x7ff00000;
const QUIET_BIT = 0x00080000;
const STALE_LOW = 2;

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
/** Which of a double's two words is the low one on this machine. */
const LOW = new Uint32Array(new Float64Array([1]).buffer)[0] === 0 ? 0 : 1;

scratchWords[LOW] = STALE_LOW;
scratchWords[1 - LOW] = STALE_HIGH;
const MARKER = scratch.slice();

/** Whether the sample at an index is a stale marker. Reads the array's bits, so nothing can change them on the way. */
export function isStaleMarker(values: Float64Array, index: number): boolean {
  const value = values[index];
  if (value === value) return false;
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  return words[LOW] === STALE_LOW && ((words[1 - LOW] ?? 0) & ~QUIET_BIT) === STALE_HIGH;
}

/** Writes a stale marker into an array, bit for bit. */
export function setStaleMarker(values: Float64Array, index: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  const source = new Uint32Array(MARKER.buffer);
  words[0] = source[0] ?? 0;
  words[1] = source[1] ?? 0;
}

/** Whether an array holds any stale marker. */
export function hasStaleMarker(values: Float64Array): boolean {
  if (!mayHoldNaN(values)) return false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== value && isStaleMarker(values, i)) return true;
  }
  return false;
}

/** Whether any value may be a NaN. A sum tells quickest: a NaN in it makes it one. Four sums, because each addition waits for the one before. */
export function mayHoldNaN(values: Float64Array): boolean {
  const { length } = values;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += values[i] ?? 0;
    b += values[i + 1] ?? 0;
    c += values[i + 2] ?? 0;
    d += values[i + 3] ?? 0;
  }
  for (; i < length; i++) a += values[i] ?? 0;
  const total = a + b + c + d;
  return total !== total;
}
