/** Numbers as Go prints them to a given precision: templates written for Prometheus rely on the exact text. */

/** Decimal digits of a finite, non-negative number: 0.d1d2d3... x 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The most significant digits JavaScript prints; enough to see whether a value lies exactly between two roundings. */
const MAX_DIGITS = 100;

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : undefined;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function decimalOf(exponential: string): Decimal {
  const [mantissa = '0', exponent = '0'] = exponential.split('e');
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  if (digits === '') return { digits: '', point: 0 };
  return { digits, point: Number(exponent) + 1 };
}

/** Rounded half to even on the exact decimal expansion, to `count` digits in all. */
function roundedDecimal(value: number, count: number): Decimal {
  const exact = decimalOf(Math.abs(value).toExponential(MAX_DIGITS));
  if (count < 0 || exact.digits.length <= count)
    return count < 0 ? { digits: '', point: exact.point } : exact;
  const kept = exact.digits.slice(0, count);
  const rest = exact.digits.slice(count);
  const half = rest.startsWith('5') && /^50*$/.test(rest);
  const odd = count > 0 && Number(kept.at(-1)) % 2 === 1;
  const up = half ? odd : rest >= '5';
  if (!up) return { digits: kept.replace(/0+$/, ''), point: exact.point };
  const raised = String(BigInt(kept === '' ? '0' : kept) + 1n).padStart(count, '0');
  const carried = raised.length > count ? 1 : 0;
  return { digits: raised.replace(/0+$/, ''), point: exact.point + carried };
}

function layoutFixed(decimal: Decimal, fractionDigits: number): string {
  const { digits, point } = decimal;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (fractionDigits <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, fractionDigits).padEnd(fractionDigits, '0')}`;
}

function layoutExponent(decimal: Decimal, fractionDigits: number): string {
  const { digits, point } = decimal;
  const exponent = digits === '' ? 0 : point - 1;
  const fraction =
    fractionDigits > 0 ? `.${digits.slice(1, fractionDigits + 1).padEnd(fractionDigits, '0')}` : '';
  const sign = exponent < 0 ? '-' : '+';
  return `${digits[0] ?? '0'}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function layoutGeneral(decimal: Decimal, threshold: number): string {
  const exponent = decimal.point - 1;
  const count = decimal.digits.length;
  if (count > 0 && (exponent < -4 || exponent >= threshold)) return layoutExponent(decimal, count - 1);
  return layoutFixed(decimal, Math.max(count - decimal.point, 0));
}

function signed(value: number, text: string): string {
  return isNegative(value) ? `-${text}` : text;
}

/** Go's %.Ng. */
export function formatGeneral(value: number, precision: number): string {
  const significant = Math.max(precision, 1);
  return notFinite(value) ?? signed(value, layoutGeneral(roundedDecimal(value, significant), significant));
}

/** Go's %.Nf. */
export function formatFixed(value: number, fractionDigits: number): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const { point } = decimalOf(Math.abs(value).toExponential(MAX_DIGITS));
  return signed(value, layoutFixed(roundedDecimal(value, point + fractionDigits), fractionDigits));
}

/** Go's %.Ne. */
export function formatExponent(value: number, fractionDigits: number): string {
  return (
    notFinite(value) ??
    signed(value, layoutExponent(roundedDecimal(value, fractionDigits + 1), fractionDigits))
  );
}
