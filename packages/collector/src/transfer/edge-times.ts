import type { TransferSource } from './endpoint.ts';

/** How exactly the edges are looked for. A collector knows better than this; other servers answer by blocks of two hours. */
const STEP_MS = 60_000;

type Source = Pick<TransferSource, 'labelNames'>;

/** The first time for which a source knows labels, up to a minute too early; null where it knows none until now. */
export async function oldestOf(source: Source, nowMs: number): Promise<number | null> {
  if (!(await hasAny(source, 0, nowMs))) return null;
  return (await findEdge(nowMs, async (timeMs) => hasAny(source, 0, timeMs))).before;
}

/** The last such time, up to a minute too late. */
export async function newestOf(source: Source, nowMs: number): Promise<number | null> {
  if (!(await hasAny(source, 0, nowMs))) return null;
  return (await findEdge(nowMs, async (timeMs) => !(await hasAny(source, timeMs, nowMs)))).at;
}

async function hasAny(source: Source, startMs: number, endMs: number): Promise<boolean> {
  return (await source.labelNames({ selectors: [[]], startMs, endMs })).length > 0;
}

/** A time up to which something does not hold, and one not much later from which it does. */
async function findEdge(
  nowMs: number,
  holds: (timeMs: number) => Promise<boolean>,
): Promise<{ readonly before: number; readonly at: number }> {
  let before = 0;
  let at = nowMs;
  while (at - before > STEP_MS) {
    const middle = Math.floor((before + at) / 2);
    if (await holds(middle)) at = middle;
    else before = middle;
  }
  return { before, at };
}
