import { type Labels, METRIC_NAME } from '@plimsoll/promql';
import type { MetricMetadata, MetricType } from '../telemetry/store.ts';

/** What the text says about the samples of one metric name. */
export interface TextFamily {
  /** The name of the samples. */
  readonly name: string;
  /** The name of the family, which for counters lacks `_total`. */
  readonly family: string;
  readonly type: 'counter' | 'gauge' | 'unknown';
  readonly help: string;
  readonly unit: string;
}

const TOTAL = '_total';
const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Families for metric names, in the order of their own names. Counters and gauges keep their type; the parts of
 * histograms and summaries are families of their own without one, because the text could hold them as one family only
 * point by point.
 */
export function textFamilies(
  names: readonly string[],
  metadata: readonly MetricMetadata[],
): readonly TextFamily[] {
  const known = new Map(metadata.map((family) => [family.family, family]));
  const taken = new Set(names);
  return names
    .map((name) => {
      const base = name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : '';
      const about = known.get(name) ?? (base === '' ? undefined : known.get(base));
      const isCounter = about?.type === 'counter' && base !== '' && !taken.has(base);
      const family = isCounter ? base : name;
      const unit =
        about !== undefined && about.unit !== '' && family.endsWith(`_${about.unit}`) ? about.unit : '';
      return { name, family, type: typeOf(about?.type, isCounter), help: about?.help ?? '', unit };
    })
    .sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0));
}

function typeOf(type: MetricType | undefined, isCounter: boolean): TextFamily['type'] {
  if (isCounter) return 'counter';
  return type === 'gauge' ? 'gauge' : 'unknown';
}

/** The lines before a family's samples. */
export function familyHead({ family, type, help, unit }: TextFamily): string {
  const name = LEGACY_METRIC.test(family) ? family : quoted(family);
  const lines = [`# TYPE ${name} ${type}`];
  if (unit !== '') lines.push(`# UNIT ${name} ${unit}`);
  if (help !== '') lines.push(`# HELP ${name} ${escaped(help)}`);
  return `${lines.join('\n')}\n`;
}

/** A series as samples begin: `name{a="1"}`. Names beyond the classic ones are quoted. */
export function seriesText(labels: Labels): string {
  const parts: string[] = [];
  const isLegacy = LEGACY_METRIC.test(labels.name);
  if (!isLegacy) parts.push(quoted(labels.name));
  for (const [name, value] of labels.entries()) {
    if (name !== METRIC_NAME) parts.push(`${LEGACY_LABEL.test(name) ? name : quoted(name)}=${quoted(value)}`);
  }
  const inner = parts.length === 0 ? '' : `{${parts.join(',')}}`;
  return isLegacy ? `${labels.name}${inner}` : inner;
}

/** A value with all its digits and its sign. */
export function valueText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * A time in seconds. Readers multiply it by 1,000 and drop what is behind the point: where that would give the
 * millisecond before, a digit further makes up for it.
 */
export function timestampText(timestampMs: number): string {
  const seconds = timestampMs / 1000;
  if (Math.trunc(seconds * 1000) === timestampMs) return String(seconds);
  const step = 2 ** (Math.floor(Math.log2(Math.abs(seconds))) - 52);
  return String(seconds + Math.sign(timestampMs) * step);
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}
