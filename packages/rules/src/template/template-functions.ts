import { parseDuration, parseGoFloat, quoteGo } from '@plimsoll/promql';
import { goRegExp, goReplacement } from './go-regexp.ts';
import { sprintf } from './go-printf.ts';
import { BUILTIN_FUNCTIONS } from './template-builtins.ts';
import type { FunctionSpec, TemplateEnvironment } from './template-environment.ts';
import { GoTime, type GoValue, goTypeName, isList, isSample, type TemplateSample } from './go-value.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toTime,
} from './humanize.ts';

/** What every function of Prometheus' templates is called with and does. */
const PROMETHEUS_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  query: spec(1, ([expression], env) => env.query(text(expression))),
  first: spec(1, ([samples]) => {
    const [first] = list(samples);
    if (first === undefined) throw new Error('first() called on vector with no elements');
    return first;
  }),
  label: spec(2, ([name, sample]) => asSample(sample).labels.get(text(name)) ?? ''),
  value: spec(1, ([sample]) => asSample(sample).value),
  strvalue: spec(1, ([sample]) => asSample(sample).labels.get('__value__') ?? ''),
  sortByLabel: spec(2, ([name, samples]) => sortByLabel(text(name), list(samples).map(asSample))),
  args: { least: 0, most: Infinity, call: (args) => new Map(args.map((arg, i) => [`arg${i}`, arg])) },
  reReplaceAll: spec(3, ([pattern, replacement, input]) =>
    text(input).replaceAll(goRegExp(text(pattern)), goReplacement(text(replacement))),
  ),
  match: spec(2, ([pattern, input]) => goRegExp(text(pattern)).test(text(input))),
  safeHtml: spec(1, ([input]) => text(input)),
  title: spec(1, ([input]) =>
    text(input).replaceAll(
      /(^|\s)(\p{L})/gu,
      (_all, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  toUpper: spec(1, ([input]) => text(input).toUpperCase()),
  toLower: spec(1, ([input]) => text(input).toLowerCase()),
  graphLink: spec(1, ([expression]) => expressionLink(text(expression), 'graph')),
  tableLink: spec(1, ([expression]) => expressionLink(text(expression), 'table')),
  stripPort: spec(1, ([address]) => stripPort(text(address))),
  stripDomain: spec(1, ([address]) => stripDomain(text(address))),
  humanize: spec(1, ([value]) => humanize(toFloat(value))),
  humanize1024: spec(1, ([value]) => humanize1024(toFloat(value))),
  humanizeDuration: spec(1, ([value]) => humanizeDuration(toFloat(value))),
  humanizePercentage: spec(1, ([value]) => humanizePercentage(toFloat(value))),
  humanizeTimestamp: spec(1, ([value]) => humanizeTimestamp(toFloat(value))),
  toTime: spec(1, ([value]) => toTime(toFloat(value))),
  toDuration: spec(1, ([value]) => humanizeGoDuration(toFloat(value))),
  now: spec(0, (_args, env) => env.nowMs / 1000),
  parseDuration: spec(1, ([input]) => parseDuration(text(input)) / 1000),
  pathPrefix: spec(0, (_args, env) => new URL(env.externalUrl).pathname),
  externalURL: spec(0, (_args, env) => env.externalUrl),
  urlQueryEscape: spec(1, ([input]) => encodeURIComponent(text(input)).replaceAll('%20', '+')),
};

const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map(
  Object.entries({ ...BUILTIN_FUNCTIONS, ...PROMETHEUS_FUNCTIONS }),
);

/** The functions a template may name. */
export const TEMPLATE_FUNCTION_NAMES: ReadonlySet<string> = new Set(FUNCTIONS.keys());

/**
 * Calls a template function.
 * @throws Error with the reason alone; the caller adds the place
 */
export function callTemplateFunction(
  name: string,
  args: readonly GoValue[],
  env: TemplateEnvironment,
): GoValue {
  const found = FUNCTIONS.get(name);
  if (!found) throw new Error(`function ${quoteGo(name)} not defined`);
  if (args.length < found.least || args.length > found.most) {
    const want = found.most === Infinity ? `at least ${found.least}` : String(found.least);
    throw new Error(`wrong number of args for ${name}: want ${want} got ${args.length}`);
  }
  return found.call(args, env);
}

function spec(count: number, call: FunctionSpec['call']): FunctionSpec {
  return { least: count, most: count, call };
}

function text(value: GoValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new Error(`wrong type for value; expected string; got ${goTypeName(value ?? null)}`);
}

function list(value: GoValue | undefined): readonly GoValue[] {
  if (value !== undefined && isList(value)) return value;
  throw new Error(`wrong type for value; expected template.queryResult; got ${goTypeName(value ?? null)}`);
}

function asSample(value: GoValue | undefined): TemplateSample {
  if (value !== undefined && isSample(value)) return value;
  throw new Error(`wrong type for value; expected *template.sample; got ${goTypeName(value ?? null)}`);
}

/** Numbers come as floats, ints, times or text, as Prometheus takes them. */
function toFloat(value: GoValue | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoTime) return value.ms / 1000;
  if (typeof value === 'string') return parseFloatText(value);
  throw new Error(`can't convert ${goTypeName(value ?? null)} to float`);
}

function parseFloatText(input: string): number {
  const value = parseGoFloat(input);
  if (value === undefined) throw new Error(`strconv.ParseFloat: parsing ${quoteGo(input)}: invalid syntax`);
  return value;
}

function sortByLabel(name: string, samples: readonly TemplateSample[]): GoValue {
  const by = (sample: TemplateSample): string => sample.labels.get(name) ?? '';
  return samples.toSorted((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
}

function expressionLink(expression: string, tab: string): string {
  const escaped = encodeURIComponent(expression).replaceAll('%20', '+');
  return `/graph?g0.expr=${escaped}&g0.tab=${tab === 'graph' ? '0' : '1'}`;
}

/** `host:9100` and `[::1]:9100` without their port; anything else as it is. */
function stripPort(address: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(address);
  return match ? (match[1] ?? match[2] ?? '') : address;
}

/** The first part of a host name; addresses and ports stay. */
function stripDomain(address: string): string {
  const host = stripPort(address);
  const port = address.slice(address.lastIndexOf(host) + host.length).replace(/^\]/, '');
  if (/^[\d.]+$/.test(host) || host.includes(':')) return address;
  return (host.split('.')[0] ?? '') + port;
}

/** Seconds as Go's time.Duration prints: `1h1m1.5s`. */
function humanizeGoDuration(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  const ns = Math.round(Math.abs(seconds) * 1e9);
  if (ns === 0) return '0s';
  if (ns < 1e3) return sprintf('%s%vns', [sign, ns]);
  if (ns < 1e6) return `${sign}${ns / 1e3}µs`;
  if (ns < 1e9) return `${sign}${ns / 1e6}ms`;
  const total = ns / 1e9;
  const hours = Math.trunc(total / 3600);
  const minutes = Math.trunc(total / 60) % 60;
  const rest = (ns - (hours * 3600 + minutes * 60) * 1e9) / 1e9;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${sign}${head}${rest}s`;
}
