import {
  type Buckets,
  type CounterResetHint,
  FloatHistogram,
  NO_BUCKETS,
} from '../histogram/float-histogram.ts';
import { parseGoNumber } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';

const HINTS: ReadonlySet<string> = new Set(['unknown', 'reset', 'not_reset', 'gauge']);
const KEYS: ReadonlySet<string> = new Set([
  'sum',
  'count',
  'schema',
  'offset',
  'n_offset',
  'buckets',
  'n_buckets',
  'z_bucket',
  'z_bucket_w',
  'custom_values',
  'counter_reset_hint',
]);

/** Parses what stands between the double braces of a histogram: `schema:0 count:3 buckets:[1 2]`. */
export function parseHistogramLiteral(
  body: string,
  fail: (detail: string) => Error,
): { readonly histogram: FloatHistogram; readonly hintSet: boolean } {
  const fields = readFields(body, fail);
  const number = (key: string) => toNumber(fields.get(key) ?? '0', fail);
  const list = (key: string) => toList(fields.get(key) ?? '[]', fail);
  const hint = fields.get('counter_reset_hint');
  if (hint !== undefined && !HINTS.has(hint)) throw fail(`bad histogram descriptor found: ${quoteGo(hint)}`);
  const histogram = new FloatHistogram({
    schema: number('schema'),
    count: number('count'),
    sum: number('sum'),
    zeroCount: number('z_bucket'),
    zeroThreshold: number('z_bucket_w'),
    customValues: list('custom_values'),
    positive: toBuckets(list('buckets'), number('offset')),
    negative: toBuckets(list('n_buckets'), number('n_offset')),
    counterResetHint: (hint ?? 'unknown') as CounterResetHint,
  });
  return { histogram, hintSet: hint !== undefined };
}

function readFields(body: string, fail: (detail: string) => Error): Map<string, string> {
  const fields = new Map<string, string>();
  const pattern = /\s*([a-z_]+):(\[[^\]]*\]|[^\s[\]]+)/giy;
  let end = 0;
  for (let match = pattern.exec(body); match; match = pattern.exec(body)) {
    const key = (match[1] ?? '').toLowerCase();
    if (!KEYS.has(key)) throw fail(`bad histogram descriptor found: ${quoteGo(key)}`);
    if (fields.has(key)) throw fail(`duplicate key ${quoteGo(key)} in histogram`);
    fields.set(key, match[2] ?? '');
    end = pattern.lastIndex;
  }
  const rest = body.slice(end).trim();
  if (rest !== '') throw fail(`histogram description incomplete unexpected: ${quoteGo(rest)}`);
  return fields;
}

function toNumber(text: string, fail: (detail: string) => Error): number {
  const value = parseGoNumber(text);
  if (value === undefined) throw fail(`error parsing number: ${quoteGo(text)}`);
  return value;
}

function toList(text: string, fail: (detail: string) => Error): number[] {
  const words = text.replace(/^\[|\]$/g, '').trim();
  return words === '' ? [] : words.split(/\s+/).map((word) => toNumber(word, fail));
}

function toBuckets(counts: readonly number[], offset: number): Buckets {
  if (counts.length === 0) return NO_BUCKETS;
  return { indexes: counts.map((_, index) => offset + index), counts: Float64Array.from(counts) };
}
