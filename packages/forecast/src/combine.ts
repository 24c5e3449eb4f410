/** Members weigh in by the inverse of their error to this power: the good ones share, the bad ones hardly count. */
const WEIGHT_POWER = 4;
/** Errors of this many neighbouring steps on each side are taken together. */
const NEIGHBOURS = 2;

/** Weights that sum to one. Square roots of errors are summed: one bad hour must not decide between members. */
export function weigh(errors: readonly Float64Array[]): Float64Array {
  const sizes = errors.map((values) => {
    let sum = 0;
    for (const value of values) sum += Math.sqrt(Math.abs(value));
    return sum * sum;
  });
  const least = sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const weights = Float64Array.from(sizes, (size) => (size <= least ? 1 : (least / size) ** WEIGHT_POWER));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** The weighted sum of the members' forecasts, and of their errors as well. */
export function mix(members: readonly Float64Array[], weights: Float64Array): Float64Array {
  const mixed = new Float64Array(members[0]?.length ?? 0);
  for (const [m, values] of members.entries()) {
    const weight = weights[m] ?? 0;
    for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] ?? 0) + weight * (values[i] ?? 0);
  }
  return mixed;
}

/** Root mean square of errors by step of the horizon, each with its neighbours; `errors` come origin by origin. */
export function errorByStep(errors: Float64Array, horizon: number): Float64Array {
  const squares = new Float64Array(horizon);
  for (const [i, error] of errors.entries())
    squares[i % horizon] = (squares[i % horizon] ?? 0) + (error * error * horizon) / errors.length;
  return squares.map((_, h) => {
    const near = squares.subarray(Math.max(0, h - NEIGHBOURS), h + NEIGHBOURS + 1);
    return Math.sqrt(near.reduce((a, b) => a + b, 0) / near.length);
  });
}
