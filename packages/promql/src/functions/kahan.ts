/**
 * A running sum with Neumaier's compensation: `sum + compensation` is more exact than the sum alone. An infinite sum
 * has no compensation.
 */
export class CompensatedSum {
  sum: number;
  compensation = 0;

  constructor(first: number) {
    this.sum = first;
  }

  add(value: number): void {
    const { sum } = this;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) this.compensation = 0;
    else if (Math.abs(sum) >= Math.abs(value)) this.compensation += sum - total + value;
    else this.compensation += value - total + sum;
    this.sum = total;
  }
}

/**
 * The mean of values, added up with compensation. Where the sum leaves the range of doubles, the mean so far is carried
 * on instead.
 */
export function meanOf(values: Float64Array, from: number, to: number): number {
  const total = new CompensatedSum(values[from] ?? 0);
  let at = from + 1;
  for (; at < to; at++) {
    const { sum, compensation } = total;
    total.add(values[at] ?? 0);
    if (total.sum === Infinity || total.sum === -Infinity) {
      total.sum = sum;
      total.compensation = compensation;
      break;
    }
  }
  const count = at - from;
  if (at === to) return total.sum / count + total.compensation / count;
  total.sum /= count;
  total.compensation /= count;
  return continueMean(total, values, from, at, to);
}

function continueMean(
  mean: CompensatedSum,
  values: Float64Array,
  from: number,
  at: number,
  to: number,
): number {
  for (let i = at; i < to; i++) {
    const count = i - from + 1;
    const weight = (count - 1) / count;
    mean.sum *= weight;
    mean.compensation *= weight;
    mean.add((values[i] ?? 0) / count);
  }
  return mean.sum + mean.compensation;
}
