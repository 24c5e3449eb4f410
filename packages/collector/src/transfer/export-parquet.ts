import { zstdCompressSync } from 'node:zlib';
import { METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { PlimsollError } from '../errors.ts';
import type { TransferRange, TransferSource } from './endpoint.ts';
import type { ExportCounts, ExportOutput } from './export-telemetry.ts';
import { isNumber, type LeftOut, NOTHING_LEFT_OUT } from './left-out.ts';

/** Rows of one group times columns: what is in memory at once. */
const MAX_GROUP_CELLS = 4_000_000;
const MAX_GROUP_ROWS = 250_000;
/** Labels become columns; a table with more is no table. */
const MAX_LABELS = 500;
/** Columns every row has; labels of these names get `label_` before them. */
const OWN_COLUMNS = ['timestamp', 'metric', 'value'];

/**
 * Writes a Parquet file with one row a sample: `timestamp` (UTC, milliseconds), `metric`, `value`, and a column for
 * each label that occurs, null where a series has none. Rows are in the order of series, then of time. Stale markers
 * are left out and counted: tools would take them for a value that is not a number. So are native histograms and start
 * timestamps.
 *
 * @throws PlimsollError 'resource_exhausted' where the series have too many labels.
 */
export async function exportParquet(
  source: TransferSource,
  range: TransferRange,
  output: ExportOutput,
  signal: AbortSignal,
): Promise<ExportCounts> {
  const labels = (await source.labelNames(range)).filter((name) => name !== METRIC_NAME);
  if (labels.length > MAX_LABELS) {
    throw new PlimsollError(
      'resource_exhausted',
      `the series have ${labels.length} different labels, a table takes ${MAX_LABELS}: export fewer at a time with --match`,
    );
  }
  const table = new ParquetTable(labels, output);
  // A metric at a time: one name is then one run of rows, and readers skip the groups of the others.
  const names = await source.labelValues(METRIC_NAME, range);
  const counts = { samples: 0, series: 0, ...NOTHING_LEFT_OUT };
  for (const [done, name] of names.entries()) {
    const matcher = { name: METRIC_NAME, type: '=', value: name } as const;
    const selectors = range.selectors.map((selector) => [...selector, matcher]);
    let lastKey = '';
    for await (const batch of source.read({ ...range, selectors }, signal)) {
      for (const series of batch) {
        const written = await table.add(series, counts);
        if (written === 0) continue;
        counts.samples += written;
        if (series.labels.key !== lastKey) counts.series++;
        lastKey = series.labels.key;
      }
      output.onPart(done, names.length, counts.samples);
    }
    output.onPart(done + 1, names.length, counts.samples);
  }
  await table.close();
  return counts;
}

/** Rows on their way into groups of a file. */
class ParquetTable {
  readonly #labels: readonly string[];
  readonly #output: ExportOutput;
  readonly #bytes = new ByteWriter();
  readonly #file: ParquetWriter;
  readonly #groupRows: number;
  readonly #timestamps: BigInt64Array;
  readonly #values: Float64Array;
  readonly #metric: string[];
  readonly #columns: readonly (string | null)[][];
  #rows = 0;

  constructor(labels: readonly string[], output: ExportOutput) {
    this.#labels = labels;
    this.#output = output;
    const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
    const schema: SchemaElement[] = [
      { name: 'root', num_children: OWN_COLUMNS.length + labels.length },
      {
        name: 'timestamp',
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        repetition_type: 'REQUIRED',
      },
      { name: 'metric', ...text, repetition_type: 'REQUIRED' },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      ...labels.map((label) => ({
        name: columnOf(label, labels),
        ...text,
        repetition_type: 'OPTIONAL' as const,
      })),
    ];
    this.#file = new ParquetWriter({
      writer: this.#bytes,
      schema,
      codec: 'ZSTD',
      compressors: { ZSTD: (input) => zstdCompressSync(input) },
      createdBy: 'plimsoll',
    });
    this.#groupRows = Math.min(MAX_GROUP_ROWS, Math.ceil(MAX_GROUP_CELLS / (schema.length - 1)));
    this.#timestamps = new BigInt64Array(this.#groupRows);
    this.#values = new Float64Array(this.#groupRows);
    this.#metric = Array.from({ length: this.#groupRows }, () => '');
    this.#columns = labels.map(() => Array.from({ length: this.#groupRows }, () => null));
  }

  /** Answers how many samples were written. */
  async add(series: SeriesColumns, leftOut: LeftOut): Promise<number> {
    const { labels, timestamps, values } = series;
    let written = 0;
    let from = this.#rows;
    const label = (): void => {
      this.#metric.fill(labels.name, from, this.#rows);
      this.#labels.forEach((name, i) => this.#columns[i]?.fill(labels.get(name) || null, from, this.#rows));
    };
    for (const [i, timestampMs] of timestamps.entries()) {
      if (!isNumber(series, i, leftOut)) continue;
      const value = values[i] ?? Number.NaN;
      written++;
      this.#timestamps[this.#rows] = BigInt(timestampMs);
      this.#values[this.#rows++] = value;
      if (this.#rows < this.#groupRows) continue;
      label();
      await this.#writeGroup();
      from = 0;
    }
    label();
    return written;
  }

  async close(): Promise<void> {
    if (this.#rows > 0) await this.#writeGroup();
    await this.#file.finish();
    await this.#flush();
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows;
    await this.#file.write({
      columnData: [
        { name: 'timestamp', data: this.#timestamps.subarray(0, rows), encoding: 'DELTA_BINARY_PACKED' },
        { name: 'metric', data: this.#metric.slice(0, rows) },
        // Not through a dictionary, which would take 0 and -0 for one.
        { name: 'value', data: this.#values.subarray(0, rows), encoding: 'PLAIN' },
        ...this.#labels.map((label, i) => ({
          name: columnOf(label, this.#labels),
          data: (this.#columns[i] ?? []).slice(0, rows),
        })),
      ],
      rowGroupSize: rows,
    });
    this.#rows = 0;
    await this.#flush();
  }

  /** The library counts in `offset` what it wrote in all, and in `index` what its buffer holds. */
  async #flush(): Promise<void> {
    await this.#output.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** A label's column; a name that is taken by a column of ours, or so by another label, gets `label_` before it. */
function columnOf(label: string, labels: readonly string[]): string {
  let name = label;
  while (OWN_COLUMNS.includes(name) || (name !== label && labels.includes(name))) name = `label_${name}`;
  return name;
}
