/** The times a node is evaluated at: `startMs`, then every `stepMs`, `count` of them. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** A grid over both ends; the end itself is a step only where the step length divides the range. */
export function gridBetween(startMs: number, endMs: number, stepMs: number): Grid {
  if (endMs < startMs) return { startMs, stepMs, count: 0 };
  return { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 };
}

/** The grid of an instant query, or of something that is the same at each step. */
export function singleStep(grid: Grid): Grid {
  return { startMs: grid.startMs, stepMs: grid.stepMs, count: 1 };
}

/** The last step. */
export function gridEnd(grid: Grid): number {
  return grid.startMs + (grid.count - 1) * grid.stepMs;
}
