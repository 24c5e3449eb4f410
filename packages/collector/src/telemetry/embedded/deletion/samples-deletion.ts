import type { Matcher } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import { matchSeries } from '../index/match-series.ts';
import type { Maintenance } from '../maintenance.ts';
import { openRowFinder } from '../query/row-finder.ts';
import { SeriesRead } from '../query/series-read.ts';
import type { Samples } from '../query/stored-samples.ts';
import type { WriterClient } from '../writer/writer-client.ts';
import { type SeriesDeletion, type TimeSpan, withSpan } from './deletions.ts';

/** Series looked at, and chunks rewritten, before others get their turn. */
const SERIES_PER_TURN = 256;

export interface DeletionParts {
  readonly samples: Samples;
  readonly writer: WriterClient;
  readonly maintenance: Maintenance;
}

/** Deletes samples: at once for readers, by a durable note, and out of the files when these are written next. */
export class SamplesDeletion {
  readonly #parts: DeletionParts;

  constructor(parts: DeletionParts) {
    this.#parts = parts;
  }

  /** Notes what is there now as deleted; resolves when that is durable. */
  async note(selectors: readonly (readonly Matcher[])[], span: TimeSpan): Promise<void> {
    const { samples, maintenance } = this.#parts;
    await maintenance.exclusively(async () => {
      const refs = new Set(selectors.flatMap((matchers) => [...matchSeries(samples.index, matchers)]));
      const ordered = [...refs].sort((a, b) => a - b);
      for (let from = 0; from < ordered.length; from += SERIES_PER_TURN) {
        await this.#apply(this.#found(ordered.slice(from, from + SERIES_PER_TURN), span));
      }
    });
  }

  /** Takes out of the days' files what was deleted, of all that is in no other place any more. */
  async purge(): Promise<void> {
    const { samples, maintenance } = this.#parts;
    if (samples.deletions.size === 0) return;
    await maintenance.exclusively(async () => {
      const settled = [...samples.deletions].flatMap(([ref, spans]): SeriesDeletion[] => {
        const gone = spans.filter((span) => this.#canGo(ref, span));
        return gone.length === 0 ? [] : [[ref, gone]];
      });
      for (let from = 0; from < settled.length; from += SERIES_PER_TURN) {
        const part = settled.slice(from, from + SERIES_PER_TURN);
        await this.#rewrite(part);
        await this.#apply(part.map(([ref, gone]) => [ref, this.#without(ref, gone)]));
      }
    });
  }

  /** Everything of the span is in the days' files, or nowhere any more. */
  #canGo(ref: SeriesRef, { startMs, endMs }: TimeSpan): boolean {
    const { samples } = this.#parts;
    if (openRowFinder(samples, startMs, endMs)(ref)) return false;
    return endMs >= samples.rollups.untilMs || !samples.rollups.finder(startMs, endMs)(ref);
  }

  /** Where these series have samples in the span, with what was deleted of them before. */
  #found(refs: readonly SeriesRef[], { startMs, endMs }: TimeSpan): SeriesDeletion[] {
    const { samples } = this.#parts;
    // The newest sample alone is looked for: what comes later is not deleted.
    const instants = { firstMs: endMs, stepMs: 0, count: 1 };
    const found: SeriesDeletion[] = [];
    const isRolledUp = samples.rollups.finder(startMs, endMs);
    const rolledUpMs = Math.min(endMs, samples.rollups.untilMs - 1);
    const { columns, slabs } = new SeriesRead(samples, refs, { startMs, endMs, instants }).all();
    refs.forEach((ref, i) => {
      const newestMs = Math.max(
        columns[i]?.timestamps.at(-1) ?? -Infinity,
        isRolledUp(ref) ? rolledUpMs : -Infinity,
      );
      if (newestMs < startMs) return;
      found.push([ref, withSpan(samples.deletions.of(ref) ?? [], { startMs, endMs: newestMs })]);
    });
    samples.pool.give(slabs);
    return found;
  }

  /** Without what was taken out of the files. Rollups stay as they are, and what they tell of is passed over. */
  #without(ref: SeriesRef, gone: readonly TimeSpan[]): TimeSpan[] {
    const { deletions, rollups } = this.#parts.samples;
    return (deletions.of(ref) ?? []).flatMap((span) => {
      if (!gone.includes(span)) return [span];
      const endMs = Math.min(span.endMs, rollups.untilMs - 1);
      return rollups.finder(span.startMs, endMs)(ref) ? [{ startMs: span.startMs, endMs }] : [];
    });
  }

  async #apply(changed: readonly SeriesDeletion[]): Promise<void> {
    if (changed.length === 0) return;
    await this.#parts.writer.run({ kind: 'note-deleted', changed });
    for (const deletion of changed) this.#parts.samples.deletions.set(deletion);
  }

  async #rewrite(deletions: readonly SeriesDeletion[]): Promise<void> {
    const { samples, writer, maintenance } = this.#parts;
    const startMs = Math.min(...deletions.map(([, spans]) => spans[0]?.startMs ?? Infinity));
    const endMs = Math.max(...deletions.map(([, spans]) => spans.at(-1)?.endMs ?? -Infinity));
    for (const windowStartMs of samples.days.windowsWithin(startMs, endMs)) {
      await writer.run({ kind: 'purge', windowStartMs, deletions });
      maintenance.rewritten(windowStartMs);
    }
  }
}
