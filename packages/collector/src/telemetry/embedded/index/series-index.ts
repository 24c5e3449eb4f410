import { Labels } from '@plimsoll/promql';
import { NO_SERIES, type SeriesRef } from '../../store.ts';
import { NumberLists } from './number-lists.ts';
import { RecentLabels } from './recent-labels.ts';
import { SymbolTable } from './symbol-table.ts';

const FIRST_SLOTS = 1024;
const NO_REFS: ReadonlyMap<string, readonly SeriesRef[]> = new Map();

/**
 * All label sets the store knows, numbered, with an inverted index of their labels. Label sets are kept as numbers of
 * their strings and made into objects for those who ask: at 100,000 series this is most of the store's memory.
 */
export class SeriesIndex {
  readonly #symbols = new SymbolTable();
  /** Names and values of label sets, alternating, sorted by name, as numbers of symbols. */
  readonly #lists = new NumberLists();
  /** Where the label set of a series is, by ref; 0 where there is none. */
  #places = new Uint32Array(FIRST_SLOTS);
  /** The next number. */
  #end = 0;
  readonly #recent = new RecentLabels();
  /** Label name, label value, the series having it in ascending order. */
  readonly #postings = new Map<string, Map<string, SeriesRef[]>>();
  /** Open addressing; holds ref + 1, 0 is free. */
  #table = new Uint32Array(FIRST_SLOTS);
  #count = 0;
  /** Slots of the table in use; those of retired series are passed over until it is made anew. */
  #filled = 0;
  /** Lists of postings that somebody may still be reading. */
  readonly #kept = new WeakSet<readonly SeriesRef[]>();
  /** Where the label sets of retired series are. */
  readonly #retired = new Map<SeriesRef, number>();

  /** Series known now. */
  get size(): number {
    return this.#count;
  }

  has(ref: SeriesRef): boolean {
    return this.#place(ref) !== 0;
  }

  labels(ref: SeriesRef): Labels | undefined {
    const place = this.#place(ref);
    if (place === 0) return undefined;
    let labels = this.#recent.get(ref);
    if (labels === undefined) this.#recent.set(ref, (labels = Labels.fromSortedPairs(this.#pairsAt(place))));
    return labels;
  }

  /** Names and values of a series' labels, alternating; none for an unknown one. Nothing is kept of it. */
  pairs(ref: SeriesRef): readonly string[] {
    const place = this.#place(ref);
    return place === 0 ? [] : this.#pairsAt(place);
  }

  /** Judges one label of many series, '' where a series does not have it: each value once, however many have it. */
  judge(name: string, accepts: (value: string) => boolean): (ref: SeriesRef) => boolean {
    const acceptsAbsent = accepts('');
    const symbol = this.#symbols.find(name);
    if (symbol === undefined) return () => acceptsAbsent;
    const verdicts = new Map<number, boolean>();
    return (ref) => {
      const value = this.#lists.behind(this.#place(ref), symbol);
      if (value < 0) return acceptsAbsent;
      let verdict = verdicts.get(value);
      if (verdict === undefined) verdicts.set(value, (verdict = accepts(this.#symbols.text(value))));
      return verdict;
    };
  }

  /** The number of a label set, or undefined. */
  find(labels: Labels): SeriesRef | undefined {
    const symbols: number[] = [];
    for (const part of labels.pairs) {
      const symbol = this.#symbols.find(part);
      if (symbol === undefined) return undefined;
      symbols.push(symbol);
    }
    const stored = this.#table[this.#slotOf(symbols)] ?? 0;
    return stored === 0 ? undefined : stored - 1;
  }

  /** Adds a label set that `find` does not know, under the next number or, on recovery, the one it had. */
  add(labels: Labels, ref: SeriesRef = this.#end): SeriesRef {
    this.#put(ref, this.#lists.add(labels.pairs.map((part) => this.#symbols.add(part))));
    return ref;
  }

  /** Gives a number to nobody else: there are samples of it, whatever became of its labels. */
  reserve(ref: SeriesRef): void {
    if (ref !== NO_SERIES) this.#end = Math.max(this.#end, ref + 1);
  }

  /**
   * Retires series that retention left without a sample. Their numbers are not given again, and whoever still holds
   * one may go on with it after `revive`.
   */
  retire(refs: ReadonlySet<SeriesRef>): void {
    const touched = new Map<string, Set<string>>();
    for (const ref of refs) {
      const place = this.#place(ref);
      if (place === 0) continue;
      const pairs = this.#pairsAt(place);
      for (let i = 0; i < pairs.length; i += 2) {
        const values = touched.get(pairs[i] ?? '') ?? new Set();
        touched.set(pairs[i] ?? '', values.add(pairs[i + 1] ?? ''));
      }
      this.#retired.set(ref, place);
      this.#places[ref] = 0;
      this.#count--;
    }
    for (const [name, values] of touched) for (const value of values) this.#prunePosting(name, value);
  }

  /** Brings a retired series back; false where it is not retired, or its label set has another number by now. */
  revive(ref: SeriesRef): boolean {
    const place = this.#retired.get(ref);
    if (place === undefined || this.#table[this.#slotOf(this.#symbolsAt(place))] !== 0) return false;
    this.#retired.delete(ref);
    this.#put(ref, place);
    return true;
  }

  /** The values of a label with the series having each. */
  values(name: string): ReadonlyMap<string, readonly SeriesRef[]> {
    return this.#postings.get(name) ?? NO_REFS;
  }

  /** Has a list of postings stay as it is for who goes on reading it. */
  keep(list: readonly SeriesRef[]): readonly SeriesRef[] {
    this.#kept.add(list);
    return list;
  }

  /** All series in ascending order. */
  *refs(): Generator<SeriesRef> {
    for (let ref = 0; ref < this.#end; ref++) if (this.has(ref)) yield ref;
  }

  #put(ref: SeriesRef, place: number): void {
    this.#end = Math.max(this.#end, ref + 1);
    if (this.#end > this.#places.length) {
      const grown = new Uint32Array(this.#end * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[ref] = place;
    this.#count++;
    if (++this.#filled * 2 > this.#table.length) this.#rebuild();
    else this.#table[this.#slotOf(this.#symbolsAt(place))] = ref + 1;
    const pairs = this.#pairsAt(place);
    for (let i = 0; i < pairs.length; i += 2) this.#addPosting(pairs[i] ?? '', pairs[i + 1] ?? '', ref);
  }

  #place(ref: SeriesRef): number {
    return this.#places[ref] ?? 0;
  }

  #symbolsAt(place: number): number[] {
    // Written out: a start does this for every series, and Array.from would be most of its time.
    const symbols: number[] = [];
    const length = this.#lists.length(place);
    for (let i = 0; i < length; i++) symbols.push(this.#lists.get(place, i));
    return symbols;
  }

  #pairsAt(place: number): string[] {
    return this.#symbolsAt(place).map((symbol) => this.#symbols.text(symbol));
  }

  #addPosting(name: string, value: string, ref: SeriesRef): void {
    let values = this.#postings.get(name);
    if (values === undefined) this.#postings.set(name, (values = new Map()));
    const list = values.get(value);
    if (list === undefined) values.set(value, [ref]);
    else if ((list.at(-1) ?? 0) < ref && !this.#kept.has(list)) list.push(ref);
    else
      values.set(
        value,
        [...list, ref].sort((a, b) => a - b),
      );
  }

  #prunePosting(name: string, value: string): void {
    const values = this.#postings.get(name);
    const kept = (values?.get(value) ?? []).filter((ref) => this.has(ref));
    if (kept.length > 0) values?.set(value, kept);
    else values?.delete(value);
    if (values?.size === 0) this.#postings.delete(name);
  }

  /** Twice as large, unless many of the series in it are retired. */
  #rebuild(): void {
    const slots = this.#table.length;
    this.#table = new Uint32Array(this.#count * 4 > slots ? slots * 2 : slots);
    this.#filled = this.#count;
    for (const ref of this.refs()) this.#table[this.#slotOf(this.#symbolsAt(this.#place(ref)))] = ref + 1;
  }

  /** The slot that holds this label set, or the free one where it belongs. */
  #slotOf(symbols: readonly number[]): number {
    const mask = this.#table.length - 1;
    for (let slot = hash(symbols) & mask; ; slot = (slot + 1) & mask) {
      const stored = this.#table[slot] ?? 0;
      if (stored === 0 || this.#holds(stored - 1, symbols)) return slot;
    }
  }

  #holds(ref: SeriesRef, symbols: readonly number[]): boolean {
    const place = this.#place(ref);
    if (this.#lists.length(place) !== symbols.length) return false;
    return symbols.every((symbol, i) => this.#lists.get(place, i) === symbol);
  }
}

/** FNV-1a over numbers of symbols, stirred: the table's size takes its low bits. */
function hash(symbols: readonly number[]): number {
  let value = 0x811c_9dc5;
  for (const symbol of symbols) value = Math.imul(value ^ symbol, 0x0100_0193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b_3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
