import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { forecast, timeToFull } from '@plimsoll/forecast';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, type ParsedFlags, parseFlags, textOf } from '../flags.ts';
import { csvRow, csvSeriesReader } from '../forecast/csv.ts';
import { readFailure } from '../read-failure.ts';
import { parseJsonSeries, type Series, SeriesError } from '../forecast/series.ts';

const DEFAULT_HORIZON = 48;
/** Ten years of hours: more is a mistyped number. */
const MAX_HORIZON = 100_000;
const PROGRESS_AFTER_MS = 2_000;
const PROGRESS_EVERY_MS = 200;
/** Faulty lines named one by one; further ones are only counted. */
const MAX_NAMED_FAULTS = 20;

const flags: readonly Flag[] = [
  {
    name: 'horizon',
    kind: 'text',
    placeholder: 'N',
    default: String(DEFAULT_HORIZON),
    help: 'Points to forecast for a series without a capacity.',
  },
  {
    name: 'format',
    kind: 'text',
    placeholder: 'json|csv',
    default: 'json',
    help: 'Of input and output: one JSON object a line, or CSV.',
  },
];

const SUMMARY = `Forecasts the series of FILE, or of standard input for "-", one a line and in the same order.

Input   {"id", "start": seconds since 1970, "step": seconds, "values": [..]}, null is a gap; "capacity" is optional.
Output  without capacity  {"id", "mean": [..], "lo80", "hi80", "lo95", "hi95"}
        with capacity     {"id", "q10", "q50", "q90", "p7", "outlook"}: days until the value first stays at the
                          capacity for an hour (null: not within 365 days), and the probability of that within 7 days
CSV     columns id, start, step, capacity (optional) and then one for each value; an empty cell is a gap`;

interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** `plimsoll forecast FILE`. */
export async function forecastCommand(args: readonly string[], streams: Streams = process): Promise<number> {
  const parsed = await parseFlags(flags, args);
  if (parsed.help) {
    console.log(helpText('forecast FILE [FLAGS]', SUMMARY, flags));
    return EXIT.ok;
  }
  const { file, horizon, isCsv } = readArguments(parsed);
  const input = file === '-' ? streams.stdin : createReadStream(file);
  const output = isCsv ? csvOutput() : jsonLine;
  const write = writerTo(streams.stdout);
  const faults = new Faults(streams.stderr, file);
  const progress = progressOn(streams.stderr);
  let parse = isCsv ? undefined : parseJsonSeries;
  let number = 0;
  for await (const line of linesOf(input, nameOf(file))) {
    number++;
    if (line.trim() === '') continue;
    try {
      if (parse === undefined) parse = csvSeriesReader(line);
      else if (!(await write(output(parse(line), horizon)))) break;
    } catch (error) {
      if (!(error instanceof SeriesError)) throw error;
      faults.add(number, error);
      // Without a header no row can be read.
      if (parse === undefined) break;
    }
    progress(number);
  }
  progress(undefined);
  return faults.close();
}

function readArguments(parsed: ParsedFlags): { file: string; horizon: number; isCsv: boolean } {
  const [file, ...extra] = parsed.positionals;
  if (file === undefined)
    throw new UsageError('FILE missing: plimsoll forecast FILE, or - for standard input');
  if (extra.length > 0) throw new UsageError(`unexpected argument "${extra[0]}"; one FILE at a time`);
  const text = textOf(flags, parsed, 'horizon');
  const horizon = /^\d+$/.test(text) ? Number(text) : 0;
  if (horizon < 1 || horizon > MAX_HORIZON)
    throw new UsageError(`--horizon=${text}: a whole number from 1 to ${MAX_HORIZON} is needed`);
  const format = textOf(flags, parsed, 'format');
  if (format !== 'json' && format !== 'csv')
    throw new UsageError(`--format=${format}: json or csv is needed`);
  return { file, horizon, isCsv: format === 'csv' };
}

/** Writes and waits while the reader is behind; answers false once the reader has left, as `head` does. */
function writerTo(stdout: Writable): (text: string) => Promise<boolean> {
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => (failure ??= error));
  return async (text) => {
    if (failure === undefined && !stdout.write(text)) await once(stdout, 'drain').catch(() => undefined);
    if (failure !== undefined && failure.code !== 'EPIPE') throw failure;
    return failure === undefined;
  };
}

/** An input for messages. */
function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Lines as they come; an error of the stream ends them with a sentence about it. */
async function* linesOf(input: Readable, name: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new Error(readFailure(name, error), { cause: error });
  }
}

function jsonLine(series: Series, horizon: number): string {
  const { id, values, stepSeconds, capacity } = series;
  if (capacity !== null) return `${JSON.stringify({ id, ...quantiles(series, capacity) })}\n`;
  const { mean, lo80, hi80, lo95, hi95 } = forecast({ values, stepSeconds, horizon });
  const points = { mean: [...mean], lo80: [...lo80], hi80: [...hi80], lo95: [...lo95], hi95: [...hi95] };
  return `${JSON.stringify({ id, ...points })}\n`;
}

function quantiles({ values, stepSeconds }: Series, capacity: number) {
  const { q10Days, q50Days, q90Days, p7, outlook } = timeToFull({ values, stepSeconds, capacity });
  return { q10: q10Days, q50: q50Days, q90: q90Days, p7, outlook };
}

const CSV_QUANTILES = ['id', 'q10', 'q50', 'q90', 'p7', 'outlook'];
const CSV_POINTS = ['id', 'time', 'mean', 'lo80', 'hi80', 'lo95', 'hi95'];

/** Rows under one header, which the first series chooses: one row a series with capacity, one a point without. */
function csvOutput(): (series: Series, horizon: number) => string {
  let header: readonly string[] | undefined;
  return (series, horizon) => {
    const columns = series.capacity === null ? CSV_POINTS : CSV_QUANTILES;
    if (header !== undefined && header !== columns)
      throw new SeriesError('a CSV file holds series with capacity or without, not both');
    const rows = header === undefined ? [csvRow(columns)] : [];
    header = columns;
    return `${[...rows, ...csvRows(series, horizon)].join('\n')}\n`;
  };
}

function csvRows(series: Series, horizon: number): string[] {
  const { id, start, values, stepSeconds, capacity } = series;
  if (capacity !== null) {
    const { q10, q50, q90, p7, outlook } = quantiles(series, capacity);
    return [csvRow([id, q10, q50, q90, p7, outlook])];
  }
  const { mean, lo80, hi80, lo95, hi95 } = forecast({ values, stepSeconds, horizon });
  return Array.from(mean, (value, h) =>
    csvRow([
      id,
      start + (values.length + h) * stepSeconds,
      ...[value, lo80[h], hi80[h], lo95[h], hi95[h]].map((number) => number ?? null),
    ]),
  );
}

/** Names faulty lines on standard error and remembers that there were some. */
class Faults {
  readonly #stderr: Writable;
  readonly #file: string;
  #count = 0;

  constructor(stderr: Writable, file: string) {
    this.#stderr = stderr;
    this.#file = nameOf(file);
  }

  add(line: number, { message }: SeriesError): void {
    this.#count++;
    if (this.#count <= MAX_NAMED_FAULTS)
      this.#stderr.write(`plimsoll forecast: ${this.#file}, line ${line}: ${message}\n`);
  }

  /** The exit code. */
  close(): number {
    const unnamed = this.#count - MAX_NAMED_FAULTS;
    if (unnamed > 0) this.#stderr.write(`plimsoll forecast: and ${unnamed} faulty lines more\n`);
    return this.#count === 0 ? EXIT.ok : EXIT.runtime;
  }
}

/** Counts lines on a terminal once it takes longer than two seconds; undefined wipes the counter. */
function progressOn(stderr: Streams['stderr']): (line: number | undefined) => void {
  const startedMs = performance.now();
  let shownMs: number | undefined;
  return (line) => {
    if (stderr.isTTY !== true) return;
    const nowMs = performance.now();
    if (line === undefined) {
      if (shownMs !== undefined) stderr.write('\r\u001b[K');
    } else if (nowMs - startedMs > PROGRESS_AFTER_MS && nowMs - (shownMs ?? 0) > PROGRESS_EVERY_MS) {
      stderr.write(`\r${line} series`);
      shownMs = nowMs;
    }
  };
}
