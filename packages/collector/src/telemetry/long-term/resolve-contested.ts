import type { Matcher, Queryable, SeriesColumns } from '@plimsoll/promql';
import { WINDOW_MS } from '../embedded/head/windows.ts';
import { NO_SERIES } from '../store.ts';
import type { SeriesDirectory } from './batches.ts';
import type { ContestedFrame } from './sample-collector.ts';
import { pickSamples, type SampleColumns } from '../sample-columns.ts';

const NO_REFS = new Uint32Array();

/**
 * Puts in the place of each contested sample the one that the store shows for its series and time, which is that of
 * the highest (epoch, sequence), and takes further copies of it out. A sample the store has no longer stays as it is.
 */
export async function resolveContested(
  samples: SampleColumns,
  contested: readonly ContestedFrame[],
  store: Queryable,
  directory: Pick<SeriesDirectory, 'labelsOf'>,
): Promise<SampleColumns> {
  if (contested.length === 0) return samples;
  const seen = new Set<string>();
  const extra = new Set<number>();
  for (const frames of together(contested)) {
    const found = await store.select({
      matchers: sharedLabels(frames[0]?.refs ?? NO_REFS, directory),
      startMs: frames.reduce((oldest, { timestampMs }) => Math.min(oldest, timestampMs), Infinity),
      endMs: frames.reduce((newest, { timestampMs }) => Math.max(newest, timestampMs), -Infinity),
    });
    const bySeries = new Map(found.map((columns) => [columns.labels.key, columns]));
    for (const at of rowsOf(frames)) {
      const ref = samples.refs[at] ?? NO_SERIES;
      const key = `${ref}:${samples.timestampsMs[at]}`;
      if (seen.has(key)) extra.add(at);
      else replace(samples, at, bySeries.get(directory.labelsOf(ref)?.key ?? ''));
      seen.add(key);
    }
    store.release?.(found);
  }
  if (extra.size === 0) return samples;
  return pickSamples(
    samples,
    Array.from(samples.refs.keys()).filter((at) => !extra.has(at)),
  );
}

function* rowsOf(frames: readonly ContestedFrame[]): Generator<number, void> {
  for (const { from, to } of frames) for (let at = from; at < to; at++) yield at;
}

/** Values are copied as memory: a stale marker's bits must not pass through arithmetic. */
function replace({ timestampsMs, values }: SampleColumns, at: number, by: SeriesColumns | undefined): void {
  const row = by?.timestamps.indexOf(timestampsMs[at] ?? 0) ?? -1;
  if (by !== undefined && row >= 0) values.set(by.values.subarray(row, row + 1), at);
}

/** Frames of one dictionary within one window of time, so that a clock that jumped does not make us read months. */
function together(contested: readonly ContestedFrame[]): readonly (readonly ContestedFrame[])[] {
  const groups: ContestedFrame[][] = [];
  for (const ofSet of Map.groupBy(contested, ({ refs }) => refs).values()) {
    groups.push(...Map.groupBy(ofSet, ({ timestampMs }) => Math.floor(timestampMs / WINDOW_MS)).values());
  }
  return groups;
}

/** Matchers for the labels that all of these series have: an agent's have at least its instance. */
function sharedLabels(refs: Uint32Array, directory: Pick<SeriesDirectory, 'labelsOf'>): readonly Matcher[] {
  let shared: Map<string, string> | undefined;
  for (const ref of refs) {
    const labels = ref === NO_SERIES ? undefined : directory.labelsOf(ref);
    if (labels === undefined) continue;
    if (shared === undefined) shared = new Map(labels.entries());
    else for (const [name, value] of shared) if (labels.get(name) !== value) shared.delete(name);
  }
  return Array.from(shared ?? [], ([name, value]) => ({ name, type: '=', value }));
}
