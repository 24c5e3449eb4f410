import type { Dictionary, SlotDefinition } from '@plimsoll/proto';
import { Labels, METRIC_NAME } from '@plimsoll/promql';
import type { FileConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import { MAX_DICTIONARIES_PER_STREAM } from '../limits.ts';
import { NO_SERIES, type TelemetryStore } from '../telemetry/store.ts';

/** Why the series of a slot is not stored. */
export type DropReason = 'series_limit' | 'label_limit' | 'reserved_label' | 'invalid_name';

/** The labels the collector puts on every series of one agent. */
export type TargetLabels = Readonly<Record<string, string>>;

/**
 * The dictionaries of one stream: which series each slot of a frame is. Labels of the target (`job`, `instance`, the
 * configured ones) are added here, once per series; a label of the same name in the data is kept as `exported_<name>`,
 * as a Prometheus scrape does.
 */
export class StreamDictionaries {
  readonly #store: TelemetryStore;
  readonly #target: TargetLabels;
  readonly #limits: FileConfig['ingest'];
  readonly #onDrop: (reason: DropReason, count: number) => void;
  /** The refs of each version's slots. */
  readonly #versions = new Map<string, Uint32Array>();

  constructor(
    store: TelemetryStore,
    target: TargetLabels,
    limits: FileConfig['ingest'],
    onDrop: (reason: DropReason, count: number) => void,
  ) {
    this.#store = store;
    this.#target = target;
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  /** The refs of a version's slots, undefined when it was not defined on this stream. */
  refs(epoch: number, version: number): Uint32Array | undefined {
    return this.#versions.get(`${epoch}/${version}`);
  }

  /** Takes a definition in. @throws PlimsollError('invalid_argument') when it does not fit what came before. */
  define(dictionary: Dictionary): void {
    const { version, size } = dictionary;
    this.#checkSize(dictionary);
    const refs = new Uint32Array(size).fill(NO_SERIES);
    refs.set(this.#base(dictionary).subarray(0, size));
    for (const definition of dictionary.slots) {
      if (definition.slot >= size) {
        throw new PlimsollError(
          'invalid_argument',
          `dictionary ${version} defines slot ${definition.slot} beyond its size ${size}`,
        );
      }
      refs[definition.slot] = NO_SERIES;
    }
    this.#intern(dictionary.slots, refs);
    this.#versions.set(`${Number(dictionary.epoch)}/${version}`, refs);
    if (this.#versions.size > MAX_DICTIONARIES_PER_STREAM) this.#forgetOldest();
  }

  /** Memory is taken by the announced size, so a few bytes must not announce gigabytes: its frames have to fit a message. */
  #checkSize({ version, size }: Dictionary): void {
    const { maxMessageBytes } = this.#limits;
    if (size * Float64Array.BYTES_PER_ELEMENT <= maxMessageBytes) return;
    throw new PlimsollError(
      'invalid_argument',
      `dictionary ${version} has ${size} slots, and a frame of so many does not fit a message of ${maxMessageBytes} bytes`,
    );
  }

  /** The refs of the version that this one amends. */
  #base(dictionary: Dictionary): Uint32Array {
    if (dictionary.version === 0)
      throw new PlimsollError('invalid_argument', 'dictionary versions begin at 1');
    if (dictionary.version === 1) return new Uint32Array(0);
    const base = this.#versions.get(`${Number(dictionary.epoch)}/${dictionary.version - 1}`);
    if (base !== undefined) return base;
    // A complete definition may skip its predecessors: a reconnecting agent sends only the version in use.
    if (dictionary.slots.length === dictionary.size) return new Uint32Array(0);
    throw new PlimsollError(
      'invalid_argument',
      `dictionary ${dictionary.version} amends version ${dictionary.version - 1}, which this stream has not defined`,
    );
  }

  #intern(definitions: readonly SlotDefinition[], refs: Uint32Array): void {
    const slots: number[] = [];
    const labels: Labels[] = [];
    for (const definition of definitions) {
      if (definition.name === '') continue;
      if (
        definition.slot >= this.#limits.maxSeriesPerAgent ||
        refs.length > 2 * this.#limits.maxSeriesPerAgent
      ) {
        this.#onDrop('series_limit', 1);
        continue;
      }
      const made = this.#labels(definition);
      if (typeof made === 'string') {
        this.#onDrop(made, 1);
        continue;
      }
      slots.push(definition.slot);
      labels.push(made);
    }
    const interned = this.#store.internSeries(labels);
    let refused = 0;
    for (const [index, slot] of slots.entries()) {
      const ref = interned[index] ?? NO_SERIES;
      refs[slot] = ref;
      if (ref === NO_SERIES) refused++;
    }
    if (refused > 0) this.#onDrop('series_limit', refused);
  }

  #labels(definition: SlotDefinition): Labels | DropReason {
    const { maxLabelsPerSeries, maxLabelNameBytes, maxLabelValueBytes } = this.#limits;
    const pairs = definition.labels;
    if (pairs.length % 2 !== 0) return 'invalid_name';
    if (pairs.length / 2 > maxLabelsPerSeries) return 'label_limit';
    const record: Record<string, string> = { ...this.#target, [METRIC_NAME]: definition.name };
    if (!METRIC_NAME_PATTERN.test(definition.name)) return 'invalid_name';
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      const value = pairs[i + 1] ?? '';
      if (name.startsWith('__')) return 'reserved_label';
      if (!LABEL_NAME_PATTERN.test(name)) return 'invalid_name';
      if (name.length > maxLabelNameBytes || exceedsBytes(value, maxLabelValueBytes)) return 'label_limit';
      if (value === '') continue;
      record[Object.hasOwn(this.#target, name) ? `exported_${name}` : name] = value;
    }
    return Labels.of(record);
  }

  #forgetOldest(): void {
    const oldest = this.#versions.keys().next();
    if (oldest.done !== true) this.#versions.delete(oldest.value);
  }
}

const METRIC_NAME_PATTERN = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME_PATTERN = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** UTF-8 length without encoding where the answer is clear from the number of UTF-16 units (1 to 3 bytes each). */
function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
}
