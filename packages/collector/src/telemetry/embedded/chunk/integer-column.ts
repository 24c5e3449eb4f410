import type { ByteWriter } from '../byte-writer.ts';
import type { Cursor } from './padded-bytes.ts';
import { decodeRice, encodeRice } from './rice.ts';
import { zigzagDecode, zigzagEncode } from './zigzag.ts';

/** What a value is predicted from: the mean of all, its predecessor plus the mean step, or the last step repeated. */
const FROM_MEAN = 0;
const FROM_PREDECESSOR = 1;
const FROM_LAST_STEP = 2;

/** The predictor is chosen by this many steps at most: a series rarely changes its nature within a chunk. */
const JUDGED_STEPS = 48;

let steps = new Float64Array(1024);

/**
 * Writes integers: the first, the greatest common divisor of the steps (0: all are equal, nothing follows), the
 * predictor and its bias in units of the divisor, then the Rice-coded residuals of all but the first.
 */
export function writeIntegers(out: ByteWriter, integers: Float64Array, count: number): void {
  const first = integers[0] ?? 0;
  out.varint(zigzagEncode(first));
  const unit = commonStep(integers, count);
  out.varint(unit);
  if (unit === 0) return;
  if (steps.length < count) steps = new Float64Array(count * 2);
  toSteps(integers, count, unit);
  const { predictor, bias } = choosePredictor(count);
  out.u8(predictor);
  out.varint(zigzagEncode(bias));
  toResiduals(count, predictor, bias);
  out.bytes(encodeRice(steps, count - 1));
}

/** Greatest common divisor of all steps; multiples of 4096 bytes are the common case. */
function commonStep(integers: Float64Array, count: number): number {
  let divisor = 0;
  for (let i = 1; i < count && divisor !== 1; i++) {
    let step = Math.abs((integers[i] ?? 0) - (integers[i - 1] ?? 0));
    while (step !== 0) [divisor, step] = [step, divisor % step];
  }
  return divisor;
}

/** Fills `steps` with the differences of neighbours in units of the divisor. */
function toSteps(integers: Float64Array, count: number, unit: number): void {
  let previous = integers[0] ?? 0;
  for (let i = 1; i < count; i++) {
    const integer = integers[i] ?? 0;
    steps[i - 1] = integer - previous;
    previous = integer;
  }
  if (unit !== 1) for (let i = 0; i < count - 1; i++) steps[i] = (steps[i] ?? 0) / unit;
}

/** The predictor whose residuals sum up to the least. */
function choosePredictor(count: number): { readonly predictor: number; readonly bias: number } {
  let value = 0;
  let valueSum = 0;
  for (let i = 0; i < count - 1; i++) {
    value += steps[i] ?? 0;
    valueSum += value;
  }
  const mean = Math.round(valueSum / (count - 1));
  const meanStep = Math.round(value / (count - 1));
  const firstStep = steps[0] ?? 0;
  const judged = Math.min(count - 1, JUDGED_STEPS);
  let fromMean = 0;
  let fromPredecessor = 0;
  let fromLastStep = 0;
  let lastStep = firstStep;
  value = -mean;
  for (let i = 0; i < judged; i++) {
    const step = steps[i] ?? 0;
    value += step;
    fromMean += Math.abs(value);
    fromPredecessor += Math.abs(step - meanStep);
    fromLastStep += Math.abs(step - lastStep);
    lastStep = step;
  }
  const least = Math.min(fromMean, fromPredecessor, fromLastStep);
  if (least === fromPredecessor) return { predictor: FROM_PREDECESSOR, bias: meanStep };
  if (least === fromLastStep) return { predictor: FROM_LAST_STEP, bias: firstStep };
  return { predictor: FROM_MEAN, bias: mean };
}

/** Turns `steps` into what the predictor leaves. */
function toResiduals(count: number, predictor: number, bias: number): void {
  let value = 0;
  let lastStep = bias;
  for (let i = 0; i < count - 1; i++) {
    const step = steps[i] ?? 0;
    value += step;
    steps[i] = predictor === FROM_MEAN ? value - bias : step - lastStep;
    if (predictor === FROM_LAST_STEP) lastStep = step;
  }
}

/** Reads what writeIntegers wrote and divides each by `power`. `view` is of the memory the cursor is in, padded. */
export function readIntegers(
  reader: Cursor,
  view: DataView,
  count: number,
  power: number,
  out: Float64Array,
  outAt: number,
): void {
  const first = zigzagDecode(reader.varint());
  const unit = reader.varint();
  if (unit === 0) {
    out.fill(first / power, outAt, outAt + count);
    return;
  }
  const predictor = reader.u8();
  const bias = zigzagDecode(reader.varint());
  decodeRice(view, reader.at, count - 1, out, outAt + 1);
  out[outAt] = first / power;
  const end = outAt + count;
  if (predictor === FROM_MEAN) addUpFromMean(out, outAt + 1, end, first, unit, bias, power);
  else if (predictor === FROM_PREDECESSOR)
    addUpFromPredecessor(out, outAt + 1, end, first, unit, bias, power);
  else addUpFromLastStep(out, outAt + 1, end, first, unit, bias, power);
}

function addUpFromMean(
  out: Float64Array,
  start: number,
  end: number,
  first: number,
  unit: number,
  bias: number,
  power: number,
): void {
  for (let i = start; i < end; i++) out[i] = (first + ((out[i] ?? 0) + bias) * unit) / power;
}

function addUpFromPredecessor(
  out: Float64Array,
  start: number,
  end: number,
  first: number,
  unit: number,
  bias: number,
  power: number,
): void {
  let value = first;
  for (let i = start; i < end; i++) {
    value += ((out[i] ?? 0) + bias) * unit;
    out[i] = value / power;
  }
}

function addUpFromLastStep(
  out: Float64Array,
  start: number,
  end: number,
  first: number,
  unit: number,
  bias: number,
  power: number,
): void {
  let value = first;
  let step = bias;
  for (let i = start; i < end; i++) {
    step += out[i] ?? 0;
    value += step * unit;
    out[i] = value / power;
  }
}
