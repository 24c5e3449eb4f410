import { clientFlags, openClient, outputOf } from '../client.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, textOf } from '../flags.ts';
import { formatTable } from '../table.ts';

const queryFlags: readonly Flag[] = [
  text('time', 'TIME', 'Evaluate at this time: seconds since 1970 or RFC 3339. Empty: now.'),
  text('start', 'TIME', 'First time of a range query.'),
  text('end', 'TIME', 'Last time of a range query. Empty: now.'),
  text('step', 'DURATION', 'Time between the points of a range query. Empty: a sixtieth of the range.'),
  ...clientFlags,
];

const POINTS = 60;

/** `plimsoll query EXPR`. */
export async function queryCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(queryFlags, args);
  if (parsed.help) {
    console.log(
      helpText('query EXPR [FLAGS]', 'Evaluates a PromQL expression, now or over a time range.', queryFlags),
    );
    return EXIT.ok;
  }
  const [query, ...extra] = parsed.positionals;
  if (query === undefined) throw new UsageError('EXPR missing: plimsoll query "up"');
  if (extra.length > 0) throw new UsageError(`unexpected "${extra.join(' ')}"; quote the expression`);
  const flag = (name: string) => textOf(queryFlags, parsed, name);
  const output = outputOf(queryFlags, parsed);
  const client = await openClient(queryFlags, parsed);
  const answer =
    flag('start') === ''
      ? await client.get('api/v1/query', { query, time: flag('time') || undefined })
      : await client.get('api/v1/query_range', rangeOf(query, flag));
  if (output === 'json') console.log(JSON.stringify(answer, null, 2));
  else console.log(tableOf(answer));
  return EXIT.ok;
}

function text(name: string, placeholder: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: '', help };
}

function rangeOf(query: string, flag: (name: string) => string): Record<string, string> {
  if (flag('time') !== '')
    throw new UsageError('--time is for an instant, --start and --end for a range: give one');
  const start = flag('start');
  const end = flag('end') || String(Date.now() / 1000);
  const step = flag('step') || String(Math.max(1, Math.round((seconds(end) - seconds(start)) / POINTS)));
  return { query, start, end, step };
}

function seconds(time: string): number {
  const value = Number.isFinite(Number(time)) ? Number(time) : Date.parse(time) / 1000;
  if (Number.isNaN(value)) throw new UsageError(`"${time}" is no time: write seconds since 1970 or RFC 3339`);
  return value;
}

interface QueryAnswer {
  readonly data: { readonly resultType: string; readonly result: readonly unknown[] };
  readonly warnings?: readonly string[];
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

function tableOf(answer: unknown): string {
  // The collector's own answer: its form is the API's contract.
  const { data, warnings = [] } = answer as QueryAnswer;
  const notes = warnings.map((warning) => `\nwarning: ${warning}`).join('');
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [time, value] = data.result as readonly [number, string];
    return formatTable(['TIME', 'VALUE'], [[timeText(time), value]]) + notes;
  }
  const rows = (data.result as readonly Series[]).flatMap(({ metric, value, values }) =>
    (values ?? (value === undefined ? [] : [value])).map(([time, number]) => [
      seriesText(metric),
      timeText(time),
      number,
    ]),
  );
  return formatTable(['SERIES', 'TIME', 'VALUE'], rows) + notes;
}

function seriesText(metric: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...labels } = metric;
  const list = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return list.length === 0 && name !== '' ? name : `${name}{${list.join(', ')}}`;
}

function timeText(time: number): string {
  return new Date(time * 1000).toISOString();
}
