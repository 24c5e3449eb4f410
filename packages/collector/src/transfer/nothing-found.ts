import { newestOf, oldestOf } from './edge-times.ts';
import type { TransferSource } from './endpoint.ts';

/** What was asked of a source, as people wrote it. */
interface Asked {
  readonly matches: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

/** For people, where a source had not one sample of what was asked: what that was, and what there would have been. */
export async function nothingFound(
  source: Pick<TransferSource, 'name' | 'labelNames'>,
  { matches, startMs, endMs }: Asked,
  nowMs: number,
): Promise<string> {
  const what = matches.length === 0 ? 'no samples' : `no samples of ${matches.join(' or ')}`;
  const asked = `${source.name} has ${what} from ${timeText(startMs)} to ${timeText(endMs)}`;
  const [oldestMs, newestMs] = [await oldestOf(source, nowMs), await newestOf(source, nowMs)];
  if (oldestMs === null || newestMs === null) return `${asked}, and none at all`;
  return `${asked}; what it has is from about ${timeText(oldestMs)} to ${timeText(newestMs)}`;
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
