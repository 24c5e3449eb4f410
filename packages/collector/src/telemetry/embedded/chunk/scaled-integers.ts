/** Powers of ten that doubles hold exactly and that measurements use. */
const MAX_EXPONENT = 12;
/** Scaled values stay below this, so that differences of differences are exact. */
const MAX_SCALED = 2 ** 50;

const POWERS = Float64Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

export function powerOfTen(exponent: number): number {
  return POWERS[exponent] ?? Number.NaN;
}

/**
 * Finds a power of ten that makes all values integers and writes those to `scaled`. Dividing an integer below 2^53 by
 * an exact power of ten rounds to the nearest double, which is what the decimal text of the value means, so the way
 * back gives the same bits.
 *
 * @returns the exponent, at least `hint`; -1 where the values are no short decimals.
 */
export function scaleToIntegers(
  values: Float64Array,
  count: number,
  scaled: Float64Array,
  hint: number,
): number {
  let exponent = hint;
  let power = powerOfTen(exponent);
  let clean = 0;
  for (let i = 0; i < count;) {
    const value = values[i] ?? 0;
    const integer = Math.round(value * power);
    if (standsFor(integer, value, power)) {
      scaled[i++] = integer;
      continue;
    }
    if (exponent === MAX_EXPONENT || Math.abs(integer) >= MAX_SCALED) return -1;
    power = powerOfTen(++exponent);
    clean = i;
  }
  // What fitted a smaller power may be too large for this one.
  for (let i = 0; i < clean; i++) {
    const value = values[i] ?? 0;
    const integer = Math.round(value * power);
    if (!standsFor(integer, value, power)) return -1;
    scaled[i] = integer;
  }
  return exponent;
}

function standsFor(integer: number, value: number, power: number): boolean {
  return integer / power === value && integer < MAX_SCALED && integer > -MAX_SCALED;
}
