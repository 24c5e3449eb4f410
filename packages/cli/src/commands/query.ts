import { clientFlags, openClient, outputOf } from '../client.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, textOf } from '../flags.ts';
import { readTime } from '../read-time.ts';
import { formatTable } from '../table.ts';

const queryFlags: readonly Flag[] = [
  text('time', 'TIME', 'Evaluate at this time. Empty: now.'),
  text('start', 'TIME', 'First time of a range query.'),
  text('end', 'TIME', 'Last time of a range query. Empty: now.'),
  text('step', 'DURATION', 'Time between the points of a range query. Empty: a sixtieth of the range.'),
  ...clientFlags,
];

const SUMMARY = `Evaluates a PromQL expression, now or over a time range.

A TIME is RFC 3339 (2026-03-27T15:00:00Z), seconds since 1970, or how long ago: 5m or -5m.`;

const POINTS = 60;

/** `plimsoll query EXPR`. */
export async function queryCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(queryFlags, args);
  if (parsed.help) {
    console.log(helpText('query EXPR [FLAGS]', SUMMARY, queryFlags));
    return EXIT.ok;
  }
  const [query, ...extra] = parsed.positionals;
  if (query === undefined) throw new UsageError('EXPR missing: plimsoll query "up"');
  if (extra.length > 0) throw new UsageError(`unexpected "${extra.join(' ')}"; quote the expression`);
  const flag = (name: string) => textOf(queryFlags, parsed, name);
  const output = outputOf(queryFlags, parsed);
  const client = await openClient(queryFlags, parsed);
  const nowS = Date.now() / 1000;
  const answer =
    flag('start') === ''
      ? await client.get('api/v1/query', instantOf(query, flag, nowS))
      : await client.get('api/v1/query_range', rangeOf(query, flag, nowS));
  if (output === 'json') console.log(JSON.stringify(answer, null, 2));
  else printTable(answer);
  return EXIT.ok;
}

function text(name: string, placeholder: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: '', help };
}

type ReadFlag = (name: string) => string;

function instantOf(query: string, flag: ReadFlag, nowS: number): Record<string, string> {
  const lone = ['end', 'step'].find((name) => flag(name) !== '');
  if (lone !== undefined) throw new UsageError(`--${lone} is for a range: give --start too`);
  const time = flag('time');
  return { query, ...(time === '' ? {} : { time: String(readTime(time, nowS)) }) };
}

function rangeOf(query: string, flag: ReadFlag, nowS: number): Record<string, string> {
  if (flag('time') !== '')
    throw new UsageError('--time is for an instant, --start and --end for a range: give one');
  const start = readTime(flag('start'), nowS);
  const end = flag('end') === '' ? nowS : readTime(flag('end'), nowS);
  const step = flag('step') || String(Math.max(1, Math.round((end - start) / POINTS)));
  return { query, start: String(start), end: String(end), step };
}

interface QueryAnswer {
  readonly data: { readonly resultType: string; readonly result: readonly unknown[] };
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

function printTable(answer: unknown): void {
  // The collector's own answer: its form is the API's contract.
  const { data, warnings = [], infos = [] } = answer as QueryAnswer;
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [time, value] = data.result as readonly [number, string];
    console.log(formatTable(['TIME', 'VALUE'], [[timeText(time), value]]));
  } else if (data.result.length === 0) console.error('no series');
  else console.log(formatTable(['SERIES', 'TIME', 'VALUE'], rowsOf(data.result as readonly Series[])));
  for (const warning of warnings) console.error(`warning: ${warning}`);
  for (const info of infos) console.error(`info: ${info}`);
}

function rowsOf(series: readonly Series[]): string[][] {
  return series.flatMap(({ metric, value, values }) =>
    (values ?? (value === undefined ? [] : [value])).map(([time, number]) => [
      seriesText(metric),
      timeText(time),
      number,
    ]),
  );
}

function seriesText(metric: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...labels } = metric;
  const list = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return list.length === 0 && name !== '' ? name : `${name}{${list.join(', ')}}`;
}

function timeText(time: number): string {
  return new Date(time * 1000).toISOString();
}
