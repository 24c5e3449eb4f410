import { Labels } from '../labels.ts';
import { addHistograms, subtractHistograms } from '../histogram/combine.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { parseGoNumber } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';
import { parseHistogramLiteral } from './histogram-literal.ts';
import { parseMetric } from './parse-selector.ts';
import { PromqlParseError } from './position.ts';
import { TokenStream } from './token-stream.ts';

/** One value of a series description. */
export type SequenceValue =
  | { readonly kind: 'omitted' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** Whether the description named a counter reset hint. Where it did not, any is expected. */
      readonly hintSet: boolean;
    };

/** A series as test files write it: `name{a="b"} 1 2+3x4 _ stale {{count:1}}`. */
export interface SeriesDescription {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** The most values one series may be written to have: a year of minutes. */
const MAX_VALUES = 600_000;

/** Parses a series description. Throws `PromqlParseError`. */
export function parseSeriesDescription(text: string): SeriesDescription {
  const end = metricEnd(text);
  const tokens = new TokenStream(text.slice(0, end), true);
  const labels = Labels.fromEntries(parseMetric(tokens));
  if (!tokens.is('EOF')) tokens.unexpected('series values');
  const values: SequenceValue[] = [];
  for (const item of splitItems(text, end)) {
    const parsed = parseItem(text, item);
    if (values.length + parsed.length > MAX_VALUES) {
      throw failAt(text, item, `more than ${MAX_VALUES} values in a series`);
    }
    for (const value of parsed) values.push(value);
  }
  return { labels, values };
}

interface Item {
  readonly start: number;
  readonly text: string;
}

function failAt(text: string, item: Item, detail: string): PromqlParseError {
  return new PromqlParseError(detail, { start: item.start, end: item.start + item.text.length }, text);
}

const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/.source;
const METRIC = new RegExp(`^[^\\s{]*\\s*\\{(?!\\{)(?:${QUOTED}|[^}"'\`])*\\}?`);

/** Where the metric ends: after its braces, else at the first blank. */
function metricEnd(text: string): number {
  return (METRIC.exec(text) ?? /^\S*/.exec(text))?.[0].length ?? 0;
}

function* splitItems(text: string, from: number): Generator<Item> {
  const pattern = /(?:\{\{[^}]*\}\}|[^\s{])+/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    yield { start: match.index, text: match[0] };
  }
}

const NUMBER = String.raw`[+-]?(?:inf|nan|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)`;
const FLOATS = new RegExp(`^(${NUMBER})(?:([+-](?:${NUMBER}))?x(\\d+))?$`, 'i');
const GAPS = /^_(?:x(\d+))?$/;
const HISTOGRAMS = /^\{\{([^}]*)\}\}(?:(?:([+-])\{\{([^}]*)\}\})?x(\d+))?$/;

function parseItem(text: string, item: Item): SequenceValue[] {
  if (item.text === 'stale') return [{ kind: 'stale' }];
  const gap = GAPS.exec(item.text);
  if (gap) return repeat(gap[1] === undefined ? 1 : Number(gap[1]), () => ({ kind: 'omitted' }));
  const floats = FLOATS.exec(item.text);
  if (floats) return parseFloats(floats);
  const histograms = HISTOGRAMS.exec(item.text);
  if (histograms) return parseHistograms(text, item, histograms);
  throw failAt(text, item, `unexpected ${quoteGo(item.text)} in series values`);
}

function repeat(count: number, make: (index: number) => SequenceValue): SequenceValue[] {
  return Array.from({ length: Math.min(count, MAX_VALUES + 1) }, (_, index) => make(index));
}

function parseFloats([, first = '', step, times]: RegExpExecArray): SequenceValue[] {
  let value = parseGoNumber(first) ?? Number.NaN;
  if (times === undefined) return [{ kind: 'float', value }];
  const increment = step === undefined ? 0 : (parseGoNumber(step) ?? 0);
  // `1+1x3` counts the increments: four values.
  return repeat(Number(times) + 1, (index) => {
    if (index > 0 && step !== undefined) value += increment;
    return { kind: 'float', value };
  });
}

function parseHistograms(text: string, item: Item, match: RegExpExecArray): SequenceValue[] {
  const [, first = '', sign, second, times] = match;
  const fail = (detail: string) => failAt(text, item, detail);
  const { histogram, hintSet } = parseHistogramLiteral(first, fail);
  if (times === undefined) return [{ kind: 'histogram', histogram, hintSet }];
  if (second === undefined)
    return repeat(Number(times) + 1, () => ({ kind: 'histogram', histogram, hintSet }));
  const increment = parseHistogramLiteral(second, fail);
  const combine = sign === '-' ? subtractHistograms : addHistograms;
  let current = histogram;
  return repeat(Number(times) + 1, (index) => {
    if (index > 0) {
      if (current.schema > increment.histogram.schema) {
        const schemas = `from schema ${increment.histogram.schema} to ${current.schema}`;
        throw fail(`error combining histograms: cannot merge ${schemas}`);
      }
      const next = combine(current, increment.histogram);
      if (!next) throw fail('cannot combine exponential and custom buckets');
      current = next.histogram;
    }
    return { kind: 'histogram', histogram: current, hintSet: increment.hintSet };
  });
}
