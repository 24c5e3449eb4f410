export const SECONDS_PER_DAY = 86_400;

/**
 * The greatest value of each day, counted back from the newest point, so that the last day is whole whatever the hour
 * is. A step longer than a day is its own period. Days without a value are NaN; the oldest, partial day is left out
 * when there are others.
 *
 * @param values one value a step, NaN where there is none
 */
export function dailyMaximum(values: Float64Array, stepSeconds: number): Float64Array {
  const pointsPerDay = Math.max(1, Math.round(SECONDS_PER_DAY / stepSeconds));
  const days = Math.max(Math.floor(values.length / pointsPerDay), Math.min(1, values.length));
  const maxima = new Float64Array(days).fill(Number.NaN);
  const offset = values.length - days * pointsPerDay;
  for (let day = 0; day < days; day++) {
    let maximum = Number.NaN;
    const end = offset + (day + 1) * pointsPerDay;
    for (let i = Math.max(0, end - pointsPerDay); i < end; i++) {
      const value = values[i] ?? Number.NaN;
      // Written so that the first number replaces NaN.
      if (!(value <= maximum) && value === value) maximum = value;
    }
    maxima[day] = maximum;
  }
  return maxima;
}
