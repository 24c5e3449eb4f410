import { create } from '@bufbuild/protobuf';
import {
  type Dictionary,
  DictionarySchema,
  type MetricFamily,
  type SlotDefinition,
  SlotDefinitionSchema,
} from '@plimsoll/proto';

/** The dictionary of one epoch, followed through its amendments, to be told complete to whoever knows nothing. */
export class DictionaryState {
  readonly epoch: number;
  #version = 0;
  #slots: SlotDefinition[] = [];
  readonly #families = new Map<string, MetricFamily>();

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  get version(): number {
    return this.#version;
  }

  /** Follows an amendment, or starts from a complete dictionary. */
  apply(dictionary: Dictionary): void {
    const slots = this.#slots.slice(0, dictionary.size);
    for (let slot = slots.length; slot < dictionary.size; slot++)
      slots.push(create(SlotDefinitionSchema, { slot }));
    for (const definition of dictionary.slots) slots[definition.slot] = definition;
    for (const family of dictionary.families) this.#families.set(family.name, family);
    this.#slots = slots;
    this.#version = dictionary.version;
  }

  /** The version last applied, every slot listed, free ones too. */
  complete(): Dictionary {
    return create(DictionarySchema, {
      epoch: BigInt(this.epoch),
      version: this.#version,
      size: this.#slots.length,
      slots: this.#slots,
      families: [...this.#families.values()],
    });
  }
}
