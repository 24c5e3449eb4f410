import type { Labels } from '@plimsoll/promql';
import { Labels as LabelSet } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';

const FIRST_SLOTS = 1024;

/**
 * All label sets the store knows, numbered, with an inverted index of their labels. Strings are shared between label
 * sets, and the table from label sets to numbers holds numbers only: at 100,000 series this is most of the store's
 * memory.
 */
export class SeriesIndex {
  readonly #labels: (Labels | undefined)[] = [];
  readonly #symbols = new Map<string, string>();
  /** Label name, label value, the series having it in ascending order. */
  readonly #postings = new Map<string, Map<string, SeriesRef[]>>();
  /** Open addressing; holds ref + 1, 0 is free. */
  #table = new Uint32Array(FIRST_SLOTS);
  #count = 0;
  readonly #retired = new Map<SeriesRef, Labels>();

  /** Series known now. */
  get size(): number {
    return this.#count;
  }

  labels(ref: SeriesRef): Labels | undefined {
    return this.#labels[ref];
  }

  /** The number of a label set, or undefined. */
  find(labels: Labels): SeriesRef | undefined {
    const stored = this.#table[this.#slotOf(labels)] ?? 0;
    return stored === 0 ? undefined : stored - 1;
  }

  /** Adds a label set that `find` does not know, under the next number or, on recovery, the one it had. */
  add(labels: Labels, ref: SeriesRef = this.#labels.length): SeriesRef {
    const shared = LabelSet.fromSortedPairs(labels.pairs.map((part) => this.#symbol(part)));
    while (this.#labels.length < ref) this.#labels.push(undefined);
    this.#labels[ref] = shared;
    this.#count++;
    if (this.#count * 2 > this.#table.length) this.#rebuild(this.#table.length * 2);
    else this.#table[this.#slotOf(shared)] = ref + 1;
    for (const [name, value] of shared.entries()) this.#addPosting(name, value, ref);
    return ref;
  }

  /**
   * Retires series that retention left without a sample. Their numbers are not given again, and whoever still holds
   * one may go on with it after `revive`.
   */
  retire(refs: ReadonlySet<SeriesRef>): void {
    const touched = new Map<string, Set<string>>();
    for (const ref of refs) {
      const labels = this.#labels[ref];
      if (labels === undefined) continue;
      for (const [name, value] of labels.entries()) {
        const values = touched.get(name) ?? new Set();
        touched.set(name, values.add(value));
      }
      this.#retired.set(ref, labels);
      this.#labels[ref] = undefined;
      this.#count--;
    }
    for (const [name, values] of touched) for (const value of values) this.#prunePosting(name, value, refs);
    this.#rebuild(this.#table.length);
  }

  /** Brings a retired series back; false where it is not retired, or its label set has another number by now. */
  revive(ref: SeriesRef): boolean {
    const labels = this.#retired.get(ref);
    if (labels === undefined || this.find(labels) !== undefined) return false;
    this.#retired.delete(ref);
    this.add(labels, ref);
    return true;
  }

  /** The values of a label with the series having each. */
  values(name: string): ReadonlyMap<string, readonly SeriesRef[]> {
    return this.#postings.get(name) ?? new Map<string, readonly SeriesRef[]>();
  }

  /** All series in ascending order. */
  *refs(): Generator<SeriesRef> {
    for (let ref = 0; ref < this.#labels.length; ref++) if (this.#labels[ref] !== undefined) yield ref;
  }

  #symbol(text: string): string {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    this.#symbols.set(text, text);
    return text;
  }

  #addPosting(name: string, value: string, ref: SeriesRef): void {
    let values = this.#postings.get(name);
    if (values === undefined) this.#postings.set(name, (values = new Map()));
    const list = values.get(value);
    if (list === undefined) values.set(value, [ref]);
    else if ((list.at(-1) ?? 0) < ref) list.push(ref);
    else
      values.set(
        value,
        [...list, ref].sort((a, b) => a - b),
      );
  }

  #prunePosting(name: string, value: string, gone: ReadonlySet<SeriesRef>): void {
    const values = this.#postings.get(name);
    const kept = (values?.get(value) ?? []).filter((ref) => !gone.has(ref));
    if (kept.length > 0) values?.set(value, kept);
    else values?.delete(value);
    if (values?.size === 0) this.#postings.delete(name);
  }

  #rebuild(slots: number): void {
    this.#table = new Uint32Array(slots);
    for (const ref of this.refs()) {
      const labels = this.#labels[ref];
      if (labels !== undefined) this.#table[this.#slotOf(labels)] = ref + 1;
    }
  }

  /** The slot that holds this label set, or the free one where it belongs. */
  #slotOf(labels: Labels): number {
    const mask = this.#table.length - 1;
    for (let slot = hashPairs(labels.pairs) & mask; ; slot = (slot + 1) & mask) {
      const stored = this.#table[slot] ?? 0;
      if (stored === 0) return slot;
      const other = this.#labels[stored - 1];
      if (other !== undefined && samePairs(other.pairs, labels.pairs)) return slot;
    }
  }
}

/** FNV-1a over UTF-16 code units, with a step between parts. */
function hashPairs(pairs: readonly string[]): number {
  let hash = 0x811c_9dc5;
  for (const part of pairs) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x0100_0193);
    hash = Math.imul(hash ^ 0xffff, 0x0100_0193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

function samePairs(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
