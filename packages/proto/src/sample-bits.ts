/** Low and high 32 bits of the NaN that marks a series as ended, as Prometheus defines it. */
const STALE_LOW = 2;
const NO_SAMPLE_LOW = 3;
const NAN_HIGH = 0x7ff0_0000;
/** The quiet bit: arithmetic, and some engines on a plain move, set it on a signalling NaN. */
const QUIET_BIT = 0x0008_0000;

function nanWithLowBits(low: number): Float64Array {
  return new Float64Array(Uint32Array.of(low, NAN_HIGH).buffer);
}

const staleMarker = nanWithLowBits(STALE_LOW);
const noSample = nanWithLowBits(NO_SAMPLE_LOW);
const probe = new Float64Array(1);
const probeBits = new Uint32Array(probe.buffer);

function hasLowBits(value: number, low: number): boolean {
  if (!Number.isNaN(value)) return false;
  probe[0] = value;
  return probeBits[0] === low && ((probeBits[1] ?? 0) & ~QUIET_BIT) === NAN_HIGH;
}

/** Writes the stale marker into `values[index]`, bit for bit. */
export function writeStaleMarker(values: Float64Array, index: number): void {
  values.set(staleMarker, index);
}

/** Writes "no sample in this collection" into `values[index]`, bit for bit. */
export function writeNoSample(values: Float64Array, index: number): void {
  values.set(noSample, index);
}

/** Whether a value read from a frame or a column is the stale marker; the quiet bit is ignored. */
export function isStaleMarker(value: number): boolean {
  return hasLowBits(value, STALE_LOW);
}

/** Whether a value read from a frame means "no sample in this collection"; the quiet bit is ignored. */
export function isNoSample(value: number): boolean {
  return hasLowBits(value, NO_SAMPLE_LOW);
}
