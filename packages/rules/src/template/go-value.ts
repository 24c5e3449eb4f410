import { formatGoGeneral } from '@plimsoll/promql';

/** One element of a query's result inside a template. */
export interface TemplateSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/**
 * A value inside a template. Go's static types are kept apart where templates can tell: an int is a bigint, a float64
 * a number, so that `eq 1 1.0` is the error it is in Go.
 */
export type GoValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>
  | TemplateSample
  | GoTime;

/** An instant, as `toTime` makes it. */
export class GoTime {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export function isMap(value: GoValue): value is ReadonlyMap<string, GoValue> {
  return value instanceof Map;
}

export function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

export function isSample(value: GoValue): value is TemplateSample {
  return typeof value === 'object' && value !== null && 'labels' in value;
}

/** Go's name of a value's type, for error messages. */
export function goTypeName(value: GoValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value === null) return '<nil>';
  if (isList(value)) return 'template.queryResult';
  if (isMap(value)) return 'map[string]string';
  return value instanceof GoTime ? 'time.Time' : '*template.sample';
}

/** What `if` and `and` call true: everything but the zero value of a type and what is empty. */
export function isTruthy(value: GoValue): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return value !== false && value !== 0 && value !== 0n && value !== '' && value !== null;
}

/** Go's %v. */
export function formatValue(value: GoValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatGoGeneral(value);
  if (value === null) return '<no value>';
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(formatValue).join(' ')}]`;
  if (isMap(value)) {
    const keys = [...value.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    return `map[${keys.map((key) => `${key}:${formatValue(value.get(key) ?? null)}`).join(' ')}]`;
  }
  if (value instanceof GoTime) return formatTime(value.ms);
  return `{${formatValue(value.labels)} ${formatValue(value.value)}}`;
}

/** An instant as Go's time.Time prints it in UTC: `2015-01-01 00:00:00.5 +0000 UTC`. */
export function formatTime(ms: number): string {
  const [date = '', clock = ''] = new Date(ms).toISOString().split('T');
  const time = clock.replace('Z', '').replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
  const fraction = /\.\d+$/.test(time) ? time.replace(/0+$/, '') : time;
  return `${date.replace(/^\+/, '')} ${fraction} +0000 UTC`;
}
