import { PlimsollError } from '../../errors.ts';
import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import { type DescribedSeries, describeSeries, escapeSymbol } from './describe-series.ts';
import { gatherRows, type Row } from './gather-rows.ts';
import type { Layout } from './layout.ts';
import { columnStart, LineBuffer } from './line-buffer.ts';
import { MAX_LISTED_SERIES, MAX_REQUEST_BYTES, MAX_TIMESTAMP_MS } from './limits.ts';
import { toColumnName } from './names.ts';
import type { PostLines } from './post-lines.ts';
import { specialWord } from './special-values.ts';
import type { WidePart } from './split-row.ts';
import type { SharedTables } from './tables.ts';
import type { WideTable } from './wide-table.ts';

const DAY_MS = 86_400_000;

/** How many samples went where. */
export interface Written {
  readonly wide: number;
  readonly shared: number;
}

/** Turns batches into lines. One write at a time. */
export class BatchWriter {
  readonly #layout: Layout;
  readonly #shared: SharedTables;
  readonly #lines = new LineBuffer();
  readonly #described = new WeakMap<DescribedSeries['labels'], DescribedSeries>();
  readonly #starts = new Map<string, readonly Buffer[]>();
  readonly #value = columnStart(' ', 'value');
  /** The newest day with which a series' labels were written down, by its id. */
  readonly #listed = new Map<string, number>();
  #listing = new Map<string, number>();

  constructor(layout: Layout, shared: SharedTables) {
    this.#layout = layout;
    this.#shared = shared;
  }

  /** Counts a batch's rows, so that the layout can tell which tables are wanted. */
  study(batch: LongTermBatch): readonly Row[] {
    const { rows } = gatherRows(batch, this.#describe(batch));
    for (const row of rows) this.#layout.count(this.#split(row), row.series.labelNames ?? []);
    return rows;
  }

  /** Sends the batch in as many requests as its size asks for. */
  async write(batch: LongTermBatch, post: PostLines, signal: AbortSignal): Promise<Written> {
    this.#lines.clear();
    this.#listing = new Map();
    const series = this.#describe(batch);
    const { rows, single } = gatherRows(batch, series);
    const written = { wide: 0, shared: 0 };
    for (const row of rows) {
      const { wide, shared } = this.#split(row);
      for (const part of wide) this.#wideRow(batch, row, part, written, series);
      for (const place of shared) this.#sharedRow(batch, row.samples[place] ?? 0, written, series);
      if (this.#lines.length >= MAX_REQUEST_BYTES) await this.#post(post, signal);
    }
    for (const sample of single) {
      this.#sharedRow(batch, sample, written, series);
      if (this.#lines.length >= MAX_REQUEST_BYTES) await this.#post(post, signal);
    }
    await this.#post(post, signal);
    return written;
  }

  /** Writes all labels down again: the table that held them may be another one now. */
  forget(): void {
    this.#listed.clear();
  }

  #describe({ labels }: LongTermBatch): readonly DescribedSeries[] {
    return labels.map((each) => {
      const known = this.#described.get(each);
      if (known !== undefined) return known;
      const made = describeSeries(each);
      this.#described.set(each, made);
      return made;
    });
  }

  #split({ series, metrics }: Row) {
    return this.#layout.split(series.shape, series.labelNames ?? [], metrics);
  }

  async #post(post: PostLines, signal: AbortSignal): Promise<void> {
    if (this.#lines.length > 0) await post(this.#lines.bytes, signal);
    this.#lines.clear();
    if (this.#listed.size > MAX_LISTED_SERIES) this.#listed.clear();
    for (const [id, dayMs] of this.#listing) this.#listed.set(id, dayMs);
    this.#listing.clear();
  }

  #wideRow(
    batch: LongTermBatch,
    row: Row,
    { table, positions }: WidePart,
    written: { wide: number; shared: number },
    series: readonly DescribedSeries[],
  ): void {
    const { values } = batch;
    const starts = this.#startsOf(table);
    let columns = 0;
    for (let column = 0; column < positions.length; column++) {
      const sample = row.samples[positions[column] ?? 0] ?? 0;
      const value = values[sample] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      if (columns === 0) this.#lines.text(`${table.name}${row.series.symbols}`);
      const start = starts[columns === 0 ? column : column + positions.length];
      if (start !== undefined) this.#lines.double(start, value);
      columns++;
    }
    if (columns > 0) this.#lines.time(row.timestampMs);
    written.wide += columns;
    if (columns === positions.length) return;
    // After the row: two tables' lines must not mix within one.
    for (const position of positions) {
      const sample = row.samples[position] ?? 0;
      if (!Number.isFinite(values[sample])) this.#sharedRow(batch, sample, written, series);
    }
  }

  #sharedRow(
    { refs, timestampsMs, values }: LongTermBatch,
    sample: number,
    written: { shared: number },
    series: readonly DescribedSeries[],
  ): void {
    const described = series[refs[sample] ?? 0];
    if (described === undefined) return;
    const timestampMs = timestampsMs[sample] ?? 0;
    this.#list(described, timestampMs);
    const word = specialWord(values, sample);
    this.#lines.text(this.#shared.samples + this.#identity(described));
    if (word === '') this.#lines.double(this.#value, values[sample] ?? 0);
    else this.#lines.text(`,special=${word}`);
    this.#lines.time(timestampMs);
    written.shared++;
  }

  /** Writes down what a series' id stands for, once for each day that it has samples in. */
  #list(described: DescribedSeries, timestampMs: number): void {
    const { id, labels } = described;
    const dayMs = timestampMs - (timestampMs % DAY_MS);
    if (this.#listed.get(id) === dayMs || this.#listing.get(id) === dayMs) return;
    this.#listing.set(id, dayMs);
    const json = JSON.stringify(labels.toRecord()).replaceAll(/["\\]/g, String.raw`\$&`);
    this.#lines.text(`${this.#shared.series}${this.#identity(described)} labels="${json}"`);
    this.#lines.time(dayMs);
  }

  #identity({ id, metric }: DescribedSeries): string {
    const writable = metric !== '' && !metric.includes('\0') && metric.isWellFormed();
    return writable ? `,name=${escapeSymbol(metric)},series=${id}` : `,series=${id}`;
  }

  /** What stands before the table's columns' values: where they come first in a row, then where they do not. */
  #startsOf({ name, metrics }: WideTable): readonly Buffer[] {
    const known = this.#starts.get(name);
    if (known !== undefined) return known;
    const columns = metrics.map(toColumnName);
    const starts = ([' ', ','] as const).flatMap((separator) =>
      columns.map((column) => columnStart(separator, column)),
    );
    this.#starts.set(name, starts);
    return starts;
  }
}

/** @throws PlimsollError 'invalid_argument' where the server could not hold a time. */
export function checkTimes({ timestampsMs }: LongTermBatch): void {
  const wrong = timestampsMs.find((ms) => !Number.isInteger(ms) || ms < 0 || ms > MAX_TIMESTAMP_MS);
  if (wrong === undefined) return;
  throw new PlimsollError(
    'invalid_argument',
    `QuestDB keeps times from 1970 to 2200 in whole milliseconds, not ${wrong}`,
  );
}
