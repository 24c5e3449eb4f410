import { type Facts, type MetricFamily, MetricType as WireType } from '@plimsoll/proto';
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
    help: family.help,
    unit: family.unit,
  }));
}

/** Facts as plain JSON: bigints become numbers, `$typeName` goes. */
export function factsToRecord(facts: Facts): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(facts, (key, value: unknown) =>
      key === '$typeName' ? undefined : typeof value === 'bigint' ? Number(value) : value,
    ),
  ) as Record<string, unknown>;
}
