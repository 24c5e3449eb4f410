import { create } from '@bufbuild/protobuf';
import {
  type Dictionary,
  DictionarySchema,
  type MetricFamily,
  MetricFamilySchema,
  type SlotDefinition,
  SlotDefinitionSchema,
} from '@plimsoll/proto';
import { type Family, type Series, seriesName } from './series.ts';
import type { LayoutChange } from './series-table.ts';

/** The dictionary message of a layout, or of a change of it. */
export function encodeDictionary(epoch: number, version: number, change: LayoutChange): Dictionary {
  const families = new Map<string, Family>();
  for (const { series } of change.slots) {
    if (series !== undefined) families.set(series.family.name, series.family);
  }
  return create(DictionarySchema, {
    epoch: BigInt(epoch),
    version,
    size: change.size,
    slots: change.slots.map(({ slot, series }) => encodeSlot(slot, series)),
    families: [...families.values()].map(encodeFamily),
  });
}

function encodeSlot(slot: number, series: Series | undefined): SlotDefinition {
  if (series === undefined) return create(SlotDefinitionSchema, { slot });
  return create(SlotDefinitionSchema, {
    slot,
    name: seriesName(series),
    labels: withoutEmpty(series.labels),
  });
}

function encodeFamily(family: Family): MetricFamily {
  return create(MetricFamilySchema, { name: family.name, type: family.type, help: family.help });
}

function withoutEmpty(labels: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const value = labels[i + 1] ?? '';
    if (value !== '') kept.push(labels[i] ?? '', value);
  }
  return kept;
}
