import { PlimsollError } from '../../errors.ts';
import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import { type DescribedSeries, SeriesDescriber } from './describe-series.ts';
import { histogramToText } from './histogram-text.ts';
import { type GatheredRows, gatherRows, type Row } from './gather-rows.ts';
import type { Layout } from './layout.ts';
import { columnStart, LineBuffer } from './line-buffer.ts';
import { MAX_REQUEST_BYTES, MAX_TIMESTAMP_MS } from './limits.ts';
import { toColumnName } from './names.ts';
import type { PostLines } from './post-lines.ts';
import { specialWord } from './special-values.ts';
import type { Split, WidePart } from './split-row.ts';
import type { SharedTables } from './tables.ts';
import type { WideTable } from './wide-table.ts';

const DAY_MS = 86_400_000;

/** How many samples went where. */
export interface Written {
  readonly wide: number;
  readonly shared: number;
  /** Native histograms and start timestamps. */
  readonly details: number;
}

/** A batch whose samples are arranged as the tables of a moment ask for. */
export interface ArrangedBatch extends GatheredRows {
  readonly batch: LongTermBatch;
  readonly series: readonly DescribedSeries[];
  /** Those of the rows. */
  readonly splits: readonly Split[];
  /** The layout's, when it was asked. */
  readonly version: number;
}

/** Turns batches into lines. One write at a time. */
export class BatchWriter {
  readonly #layout: Layout;
  readonly #shared: SharedTables;
  readonly #lines = new LineBuffer();
  readonly #describer = new SeriesDescriber();
  readonly #starts = new Map<string, readonly Buffer[]>();
  readonly #value = columnStart(' ', 'value');
  readonly #start = columnStart(' ', 'start');
  /** Series whose labels are written down in the request that is being made, with which day. */
  readonly #listing = new Map<DescribedSeries, number>();
  /** What was written down in an earlier round may be gone. */
  #round = 0;

  constructor(layout: Layout, shared: SharedTables) {
    this.#layout = layout;
    this.#shared = shared;
  }

  /** Arranges a batch's samples in rows, and lets the layout count these. */
  arrange(batch: LongTermBatch): ArrangedBatch {
    const series = batch.labels.map((labels) => this.#describer.describe(labels));
    const { rows, single, detailed } = gatherRows(batch, series);
    const splits = rows.map(({ labels, metrics }) => this.#layout.split(labels, metrics));
    rows.forEach(({ labels }, i) => {
      const split = splits[i];
      if (split !== undefined) this.#layout.count(split, labels);
    });
    return { batch, series, rows, single, detailed, splits, version: this.#layout.version };
  }

  /** Sends a batch in as many requests as its size asks for. */
  async write(arranged: ArrangedBatch, post: PostLines, signal: AbortSignal): Promise<Written> {
    this.#lines.clear();
    this.#listing.clear();
    const { batch, series, rows, single, detailed, splits } = arranged;
    const isCurrent = arranged.version === this.#layout.version;
    const written = { wide: 0, shared: 0, details: detailed.length };
    for (const [i, row] of rows.entries()) {
      const known = isCurrent ? splits[i] : undefined;
      const { wide, shared } = known ?? this.#layout.split(row.labels, row.metrics);
      for (const part of wide) this.#wideRow(batch, row, part, written, series);
      for (const place of shared) this.#sharedRow(batch, row.samples[place] ?? 0, written, series);
      if (this.#lines.length >= MAX_REQUEST_BYTES) await this.#post(post, signal);
    }
    for (const sample of single) {
      this.#sharedRow(batch, sample, written, series);
      if (this.#lines.length >= MAX_REQUEST_BYTES) await this.#post(post, signal);
    }
    for (const sample of detailed) {
      this.#detailRow(batch, sample, series);
      if (this.#lines.length >= MAX_REQUEST_BYTES) await this.#post(post, signal);
    }
    await this.#post(post, signal);
    return written;
  }

  /** Writes all labels down again: the table that held them may be another one now. */
  forget(): void {
    this.#round++;
  }

  async #post(post: PostLines, signal: AbortSignal): Promise<void> {
    if (this.#lines.length > 0) await post(this.#lines.bytes, signal);
    this.#lines.clear();
    for (const [series, dayMs] of this.#listing) series.listed = { dayMs, round: this.#round };
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
      if (columns === 0) this.#lines.text(`${table.name}${row.labels.symbols}`);
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
    batch: LongTermBatch,
    sample: number,
    written: { shared: number },
    series: readonly DescribedSeries[],
  ): void {
    const timestampMs = this.#begin(this.#shared.samples, batch, sample, series);
    if (timestampMs === null) return;
    const word = specialWord(batch.values, sample);
    if (word === '') this.#lines.double(this.#value, batch.values[sample] ?? 0);
    else this.#lines.text(`,special=${word}`);
    this.#lines.time(timestampMs);
    written.shared++;
  }

  #detailRow(batch: LongTermBatch, sample: number, series: readonly DescribedSeries[]): void {
    const timestampMs = this.#begin(this.#shared.details, batch, sample, series);
    if (timestampMs === null) return;
    this.#lines.double(this.#start, batch.startTimestampsMs?.[sample] ?? 0);
    const histogram = batch.histograms?.[sample];
    if (histogram !== undefined) this.#lines.text(`,histogram="${histogramToText(histogram)}"`);
    this.#lines.time(timestampMs);
  }

  /** Begins a sample's line in a table that all series share; answers its time, null where nobody knows the series. */
  #begin(
    table: string,
    { refs, timestampsMs }: LongTermBatch,
    sample: number,
    series: readonly DescribedSeries[],
  ): number | null {
    const described = series[refs[sample] ?? 0];
    if (described === undefined) return null;
    const timestampMs = timestampsMs[sample] ?? 0;
    this.#list(described, timestampMs);
    this.#lines.text(table + described.identity);
    return timestampMs;
  }

  /** Writes down what a series' id stands for, once for each day that it has samples in. */
  #list(described: DescribedSeries, timestampMs: number): void {
    const dayMs = timestampMs - (timestampMs % DAY_MS);
    const { listed } = described;
    if (listed?.dayMs === dayMs && listed.round === this.#round) return;
    if (this.#listing.get(described) === dayMs) return;
    this.#listing.set(described, dayMs);
    const json = JSON.stringify(described.labels.toRecord()).replaceAll(/["\\]/g, String.raw`\$&`);
    this.#lines.text(`${this.#shared.series}${described.identity} labels="${json}"`);
    this.#lines.time(dayMs);
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
