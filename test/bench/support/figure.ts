/** One measured figure beside what it is compared with. */
export interface Figure {
  readonly what: string;
  readonly ours: number;
  readonly unit: string;
  /** The design's goal, in the same unit, and which side of it is good. */
  readonly goal: number;
  readonly better: 'less' | 'more';
  /** What it is set beside in the same run (a peer, the bare wire), in the same unit. */
  readonly beside?: { readonly name: string; readonly value: number };
}

export function printFigures(figures: readonly Figure[]): void {
  for (const { what, ours, unit, goal, better, beside } of figures) {
    const met = better === 'less' ? ours <= goal : ours >= goal;
    const compared =
      beside === undefined
        ? ''
        : `; ${beside.name} ${round(beside.value)} (ratio ${round(ours / beside.value)})`;
    console.log(
      `${met ? 'met    ' : 'NOT MET'} ${what}: ${round(ours)} ${unit}, goal ${better === 'less' ? '<=' : '>='} ${round(goal)}${compared}`,
    );
  }
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function round(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
