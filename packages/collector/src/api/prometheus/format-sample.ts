/** JavaScript writes exponents from the same bounds on as Prometheus does, but with one digit where Go has two. */
const SHORT_EXPONENT = /e([+-])(\d)$/;

/**
 * A sample's value as Prometheus' API writes it: the shortest decimal that reads back as the same double, `+Inf`,
 * `-Inf`, `NaN`, a signed zero, and exponents of two digits at least.
 */
export function formatSample(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const text = String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-6 && magnitude < 1e21) return text;
  return text.replace(SHORT_EXPONENT, 'e$10$2');
}

/** A sample's value with an exponent always, as in Prometheus' list of alerts: `1.5e+00`. */
export function formatExponent(value: number): string {
  if (!Number.isFinite(value)) return formatSample(value);
  const text = Object.is(value, -0) ? '-0e+0' : value.toExponential();
  return text.replace(SHORT_EXPONENT, 'e$10$2');
}

/** Milliseconds as seconds: `1700000000`, or with exactly three decimals. */
export function formatTimestamp(timestampMs: number): string {
  const seconds = timestampMs / 1000;
  return Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(3);
}
