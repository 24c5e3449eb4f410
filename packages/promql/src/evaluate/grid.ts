/** The times a node is evaluated at: `startMs`, then every `stepMs`, `count` of them. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** The end asked for, at or after the last step. Only where it equals the start the result keeps its order. */
  readonly endMs: number;
}

/** A grid over both ends; the end itself is a step only where the step length divides the range. */
export function gridBetween(startMs: number, endMs: number, stepMs: number): Grid {
  if (endMs < startMs) return { startMs, stepMs, count: 0, endMs };
  return { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1, endMs };
}

/** The grid of an instant query, or of something that is the same at each step. */
export function singleStep({ startMs, stepMs }: Grid): Grid {
  return { startMs, stepMs, count: 1, endMs: startMs };
}

/** Whether there is only one time, so that the order of a result means something. */
export function isInstant(grid: Grid): boolean {
  return grid.startMs === grid.endMs;
}

/** The times of all steps. */
export function gridTimes({ startMs, stepMs, count }: Grid): Float64Array {
  const times = new Float64Array(count);
  for (let step = 0; step < count; step++) times[step] = startMs + step * stepMs;
  return times;
}
