import { type Facts, type MetricFamily, MetricType as WireType } from '@plimsoll/proto';
import { PlimsollError } from '../errors.ts';
import { MAX_FACTS_CHARS, MAX_HELP_CHARS } from '../limits.ts';
import type { MetricMetadata, MetricType } from '../telemetry/store.ts';

const TYPES: Readonly<Record<WireType, MetricType>> = {
  [WireType.UNSPECIFIED]: 'unknown',
  [WireType.COUNTER]: 'counter',
  [WireType.GAUGE]: 'gauge',
  [WireType.HISTOGRAM]: 'histogram',
  [WireType.SUMMARY]: 'summary',
};

export function familiesToMetadata(families: readonly MetricFamily[]): MetricMetadata[] {
  return families.map((family) => ({
    family: family.name,
    type: TYPES[family.type] ?? 'unknown',
    help: family.help.slice(0, MAX_HELP_CHARS),
    unit: family.unit,
  }));
}

/**
 * Facts as plain JSON: bigints become numbers, `$typeName` goes.
 *
 * @throws PlimsollError('invalid_argument') for an inventory larger than any real one.
 */
export function factsToRecord(facts: Facts): Record<string, unknown> {
  const text = JSON.stringify(facts, (key, value: unknown) =>
    key === '$typeName' ? undefined : typeof value === 'bigint' ? Number(value) : value,
  );
  if (text.length > MAX_FACTS_CHARS) {
    throw new PlimsollError(
      'invalid_argument',
      `an inventory of ${text.length} characters, at most ${MAX_FACTS_CHARS}`,
    );
  }
  return JSON.parse(text) as Record<string, unknown>;
}
