import { sprintf } from './go-printf.ts';
import { formatValue, type GoValue, goTypeName, isList, isMap, isSample, isTruthy } from './go-value.ts';
import type { FunctionSpec } from './template-environment.ts';

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
};

const joined = (args: readonly GoValue[]): string => args.map(formatValue).join('');

/** The functions Go's text/template itself has. `and` and `or` are here for pipelines; calls short-circuit before. */
export const BUILTIN_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  and: variadic(1, (args) => args.find((arg) => !isTruthy(arg)) ?? args.at(-1) ?? null),
  or: variadic(1, (args) => args.find(isTruthy) ?? args.at(-1) ?? null),
  not: { least: 1, most: 1, call: ([arg]) => !isTruthy(arg ?? null) },
  len: { least: 1, most: 1, call: ([arg]) => lengthOf(arg ?? null) },
  index: variadic(1, ([base, ...keys]) => keys.reduce<GoValue>(indexOf, base ?? null)),
  slice: variadic(1, sliceOf),
  print: variadic(0, printWithSpaces),
  println: variadic(0, (args) => `${args.map(formatValue).join(' ')}\n`),
  printf: variadic(1, ([format, ...args]) => sprintf(formatValue(format ?? null), args)),
  html: variadic(0, (args) =>
    joined(args).replaceAll(/[&<>"'\0]/g, (character) => HTML_ESCAPES[character] ?? character),
  ),
  js: variadic(0, (args) => JSON.stringify(joined(args)).slice(1, -1).replaceAll("'", "\\'")),
  urlquery: variadic(0, (args) => encodeURIComponent(joined(args)).replaceAll('%20', '+')),
  eq: variadic(1, ([first, ...others]) => equalsAny(first ?? null, others)),
  ne: comparison((order) => order !== 0),
  lt: comparison((order) => order < 0, true),
  le: comparison((order) => order <= 0, true),
  gt: comparison((order) => order > 0, true),
  ge: comparison((order) => order >= 0, true),
};

function equalsAny(value: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => compare(value, other) === 0);
}

function variadic(least: number, call: (args: readonly GoValue[]) => GoValue): FunctionSpec {
  return { least, most: Infinity, call };
}

function comparison(holds: (order: number) => boolean, ordered = false): FunctionSpec {
  return {
    least: 2,
    most: 2,
    call: ([a = null, b = null]) => {
      if (ordered && typeof a === 'boolean') throw new Error('invalid type for comparison');
      if (Number.isNaN(a) || Number.isNaN(b)) return !ordered && holds(1);
      return holds(compare(a, b));
    },
  };
}

/** Negative, 0 or positive; values of different basic kinds do not compare, as in Go. */
function compare(a: GoValue, b: GoValue): number {
  if (a === null && b === null) return 0;
  if (typeof a !== typeof b)
    throw new Error(`incompatible types for comparison: ${goTypeName(a)} and ${goTypeName(b)}`);
  if (typeof a === 'object' || typeof b === 'object') throw new Error(`non-comparable type ${goTypeName(a)}`);
  if (Number.isNaN(a) || Number.isNaN(b)) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function lengthOf(value: GoValue): bigint {
  if (typeof value === 'string') return BigInt(new TextEncoder().encode(value).length);
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  throw new Error(`len of type ${goTypeName(value)}`);
}

function indexOf(base: GoValue, key: GoValue): GoValue {
  if (isMap(base)) {
    if (typeof key !== 'string') throw new Error(`value has type ${goTypeName(key)}; should be string`);
    return base.get(key) ?? '';
  }
  if (isSample(base) || (!isList(base) && typeof base !== 'string'))
    throw new Error(`can't index item of type ${goTypeName(base)}`);
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${goTypeName(key)}`);
  const at = Number(key);
  if (at < 0 || at >= base.length) throw new Error(`index out of range: ${at}`);
  return typeof base === 'string' ? BigInt(base.codePointAt(at) ?? 0) : (base[at] ?? null);
}

function sliceOf([base = null, from = 0n, to]: readonly GoValue[]): GoValue {
  if (typeof base !== 'string' && !isList(base))
    throw new Error(`can't slice item of type ${goTypeName(base)}`);
  const start = Number(from);
  const end = to === undefined ? base.length : Number(to);
  if (start < 0 || end > base.length || start > end) throw new Error(`index out of range: ${end}`);
  return base.slice(start, end);
}

/** Go's fmt.Sprint puts a blank between operands when neither is a string. */
function printWithSpaces(args: readonly GoValue[]): string {
  return args
    .map((arg, i) => {
      const before = args[i - 1];
      const blank = i > 0 && typeof arg !== 'string' && typeof before !== 'string';
      return (blank ? ' ' : '') + formatValue(arg);
    })
    .join('');
}
