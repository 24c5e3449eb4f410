import { MetricType } from '@plimsoll/proto';

/** One sample of a textfile. */
export interface TextSample {
  /** The name as written, `_bucket` and the like included. */
  readonly name: string;
  /** The family it belongs to. */
  readonly family: string;
  /** Names and values alternating, sorted by name. */
  readonly labels: readonly string[];
  readonly value: number;
}

export interface TextFamily {
  readonly type: MetricType;
  /** Undefined where the file has none. */
  readonly help: string | undefined;
}

export interface ParsedText {
  readonly families: ReadonlyMap<string, TextFamily>;
  readonly samples: readonly TextSample[];
}

/** A file is not in the text format: it counts as a whole as unreadable, as with node_exporter. */
export class TextFormatError extends Error {
  override readonly name = 'TextFormatError';
}

const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', MetricType.COUNTER],
  ['gauge', MetricType.GAUGE],
  ['histogram', MetricType.HISTOGRAM],
  ['summary', MetricType.SUMMARY],
  ['untyped', MetricType.UNSPECIFIED],
]);

const COMMENT = /^#[ \t]+(HELP|TYPE)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+(.*))?$/;
const NAME = /[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/y;
const VALUE = /[ \t]*([^ \t]+)(?:[ \t]+([^ \t]+))?[ \t]*$/y;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

interface MutableFamily {
  type: MetricType | undefined;
  help: string | undefined;
  sampled: boolean;
}

/**
 * Reads Prometheus' text format 0.0.4 without timestamps.
 *
 * @throws TextFormatError naming the line.
 */
export function parseText(text: string): ParsedText {
  if (text !== '' && !text.endsWith('\n')) {
    // Half of a file being written must not pass for the whole.
    throw new TextFormatError('the last line has no end: write to another name, then rename');
  }
  const families = new Map<string, MutableFamily>();
  const samples: TextSample[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    try {
      const trimmed = line.trim();
      if (trimmed.startsWith('#')) readComment(trimmed, families);
      else if (trimmed !== '') samples.push(readSample(trimmed, families));
    } catch (error) {
      if (error instanceof TextFormatError) throw new TextFormatError(`line ${index + 1}: ${error.message}`);
      throw error;
    }
  }
  return {
    samples,
    families: new Map(
      [...families]
        .filter(([, family]) => family.sampled)
        .map(([name, { type, help }]) => [name, { type: type ?? MetricType.UNSPECIFIED, help }]),
    ),
  };
}

function familyOf(families: Map<string, MutableFamily>, name: string): MutableFamily {
  let family = families.get(name);
  if (family === undefined)
    families.set(name, (family = { type: undefined, help: undefined, sampled: false }));
  return family;
}

function readComment(line: string, families: Map<string, MutableFamily>): void {
  const [, kind, name = '', rest = ''] = COMMENT.exec(line) ?? [];
  if (kind === undefined) return;
  const family = familyOf(families, name);
  if (kind === 'HELP') {
    if (family.help !== undefined) throw new TextFormatError(`a second HELP of ${name}`);
    family.help = rest.replaceAll(/\\(\\|n)/g, (_, escaped) => (escaped === 'n' ? '\n' : '\\'));
    return;
  }
  const type = TYPES.get(rest);
  if (type === undefined) throw new TextFormatError(`the type "${rest}" of ${name} is none`);
  if (family.type !== undefined || family.sampled) {
    throw new TextFormatError(`a second TYPE of ${name}, or one after its samples`);
  }
  family.type = type;
}

function readSample(line: string, families: Map<string, MutableFamily>): TextSample {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[1];
  if (name === undefined) throw new TextFormatError(`"${line.slice(0, 50)}" begins with no metric name`);
  let position = NAME.lastIndex;
  const labels = new Map<string, string>();
  if (line[position] === '{') position = readLabels(line, position + 1, labels);
  VALUE.lastIndex = position;
  const [, value, timestamp] = VALUE.exec(line) ?? [];
  if (value === undefined) throw new TextFormatError(`${name} has no value`);
  if (timestamp !== undefined)
    throw new TextFormatError(`${name} has a timestamp, which a textfile must not have`);
  const family = familyName(name, labels, families);
  familyOf(families, family).sampled = true;
  return {
    name,
    family,
    labels: [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).flat(),
    value: readNumber(value, name),
  };
}

/** Reads from behind `{` to behind `}`. */
function readLabels(line: string, start: number, labels: Map<string, string>): number {
  let position = start;
  for (;;) {
    while (line[position] === ' ' || line[position] === '\t') position++;
    if (line[position] === '}') return position + 1;
    LABEL.lastIndex = position;
    const [, name, escaped = ''] = LABEL.exec(line) ?? [];
    if (name === undefined) throw new TextFormatError(`no label at "${line.slice(position, position + 50)}"`);
    if (name === '__name__' || labels.has(name))
      throw new TextFormatError(`the label ${name} is given twice`);
    labels.set(name, unescapeValue(escaped));
    position = LABEL.lastIndex;
  }
}

function unescapeValue(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, escaped) => {
    if (escaped === 'n') return '\n';
    if (escaped === '\\' || escaped === '"') return escaped;
    throw new TextFormatError(`"\\${escaped}" is no escape: use \\\\, \\" or \\n`);
  });
}

/** The family of a sample: a histogram or summary of that name, if one was declared. */
function familyName(name: string, labels: Map<string, string>, families: Map<string, MutableFamily>): string {
  const [, base, suffix] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
  const type = families.get(base ?? name)?.type;
  if (
    base !== undefined &&
    (type === MetricType.HISTOGRAM || (type === MetricType.SUMMARY && suffix !== 'bucket'))
  ) {
    normalise(labels, 'le', suffix === 'bucket');
    return base;
  }
  if (type === MetricType.SUMMARY) normalise(labels, 'quantile', true);
  return name;
}

/** Bounds are numbers: `1.0` and `1` are the same one. */
function normalise(labels: Map<string, string>, label: string, required: boolean): void {
  const value = labels.get(label);
  if (value === undefined) {
    if (required) throw new TextFormatError(`the label ${label} is missing`);
    return;
  }
  const number = readNumber(value, label);
  labels.set(label, number === Number.POSITIVE_INFINITY ? '+Inf' : String(number));
}

function readNumber(text: string, what: string): number {
  if (NUMBER.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) throw new TextFormatError(`"${text}" of ${what} is no number`);
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
