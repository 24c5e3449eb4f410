/**
 * The q-quantile of values, interpolated between the two nearest; they are sorted in place. NaN sorts first. Outside
 * 0..1 it is infinite; of nothing, or for a NaN q, it is NaN.
 */
export function quantileInPlace(q: number, values: Float64Array): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  sortNanFirst(values);
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  if (weight === 0) return values[lower] ?? 0;
  return (values[lower] ?? 0) * (1 - weight) + (values[upper] ?? 0) * weight;
}

function sortNanFirst(values: Float64Array): void {
  // Typed arrays sort NaN to the end.
  values.sort();
  const { length } = values;
  if (!Number.isNaN(values[length - 1] ?? 0)) return;
  const firstNan = values.findIndex((value) => Number.isNaN(value));
  values.copyWithin(length - firstNan, 0, firstNan);
  values.fill(Number.NaN, 0, length - firstNan);
}
