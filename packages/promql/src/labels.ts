/** The label that carries a metric's name. */
export const METRIC_NAME = '__name__';

const METADATA: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** Whether a label describes the metric itself: its name, type or unit. */
export function isMetadata(label: string): boolean {
  return METADATA.has(label);
}

/**
 * An immutable label set. `pairs` holds names and values alternating, sorted by name, without empty values: an absent
 * label and an empty one are the same thing, as in Prometheus.
 */
export class Labels {
  static readonly EMPTY = new Labels([]);

  readonly pairs: readonly string[];
  #key: string | undefined;
  #json: string | undefined;
  #withoutMetadata: Labels | undefined;

  private constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** From a record in any order. */
  static of(record: Readonly<Record<string, string>>): Labels {
    return Labels.fromEntries(Object.entries(record));
  }

  /** From entries in any order; a later duplicate wins. */
  static fromEntries(entries: Iterable<readonly [string, string]>): Labels {
    const byName = new Map<string, string>();
    for (const [name, value] of entries) byName.set(name, value);
    const names = [...byName.keys()].filter((name) => byName.get(name) !== '').toSorted(compareStrings);
    if (names.length === 0) return Labels.EMPTY;
    return new Labels(names.flatMap((name) => [name, byName.get(name) ?? '']));
  }

  /** From alternating names and values in any order; a later duplicate wins. */
  static fromPairs(pairs: readonly string[]): Labels {
    return Labels.fromEntries(
      Array.from(
        { length: pairs.length / 2 },
        (_, i) => [pairs[i * 2] ?? '', pairs[i * 2 + 1] ?? ''] as const,
      ),
    );
  }

  /** From alternating names and values that are already sorted, unique and non-empty. Takes ownership. */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  /** The number of labels. */
  get size(): number {
    return this.pairs.length / 2;
  }

  /** The metric name, or ''. */
  get name(): string {
    return this.get(METRIC_NAME);
  }

  /** The value of a label, '' when absent. */
  get(name: string): string {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1] ?? '';
    return '';
  }

  has(name: string): boolean {
    return this.get(name) !== '';
  }

  /** A string equal for equal label sets and different for different ones: the key for maps. */
  get key(): string {
    return (this.#key ??= makeKey(this.pairs));
  }

  /** A JSON object, names in order. It is kept: the series of a dashboard are asked for again and again. */
  get json(): string {
    return (this.#json ??= makeJson(this.pairs));
  }

  *entries(): Generator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.pairs.length; i += 2) yield [this.pairs[i] ?? '', this.pairs[i + 1] ?? ''];
  }

  toRecord(): Record<string, string> {
    return Object.fromEntries(this.entries());
  }

  /** A copy with these labels set; '' removes. */
  with(changes: Readonly<Record<string, string>>): Labels {
    const names = Object.keys(changes).sort(compareStrings);
    const { pairs } = this;
    const merged: string[] = [];
    let at = 0;
    for (const name of names) {
      for (; at < pairs.length && compareStrings(pairs[at] ?? '', name) < 0; at += 2)
        merged.push(pairs[at] ?? '', pairs[at + 1] ?? '');
      if (pairs[at] === name) at += 2;
      const value = changes[name] ?? '';
      if (value !== '') merged.push(name, value);
    }
    for (; at < pairs.length; at++) merged.push(pairs[at] ?? '');
    return Labels.fromSortedPairs(merged);
  }

  /** A copy without the metric's name, type and unit. It is kept: each evaluation of a rule asks for it again. */
  withoutMetadata(): Labels {
    return (this.#withoutMetadata ??= this.filter((name) => !METADATA.has(name)));
  }

  /** A copy without these labels. */
  without(...names: readonly string[]): Labels {
    if (names.length === 0) return this;
    return this.filter((name) => !names.includes(name));
  }

  /** A copy with only these labels. */
  keep(...names: readonly string[]): Labels {
    return this.filter((name) => names.includes(name));
  }

  /** A copy with only the labels whose name `keep` accepts. */
  filter(keep: (name: string) => boolean): Labels {
    const kept: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      const name = this.pairs[i] ?? '';
      if (keep(name)) kept.push(name, this.pairs[i + 1] ?? '');
    }
    return kept.length === this.pairs.length ? this : Labels.fromSortedPairs(kept);
  }

  /** In Prometheus' notation: `name{a="1",b="2"}`. */
  toString(): string {
    const inner = [...this.entries()]
      .filter(([name]) => name !== METRIC_NAME)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', ');
    if (this.name === '') return `{${inner}}`;
    return inner === '' ? this.name : `${this.name}{${inner}}`;
  }

  /** Orders label sets name by name, then value by value, as Prometheus sorts results. */
  static compare(a: Labels, b: Labels): number {
    const length = Math.min(a.pairs.length, b.pairs.length);
    for (let i = 0; i < length; i++) {
      const order = compareStrings(a.pairs[i] ?? '', b.pairs[i] ?? '');
      if (order !== 0) return order;
    }
    return a.pairs.length - b.pairs.length;
  }
}

/** Orders strings by UTF-16 code units, which equals byte order for everything outside the supplementary planes. */
function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NUL separates; the rare part that holds a NUL or SOH itself is escaped so that keys stay unambiguous. */
function makeKey(pairs: readonly string[]): string {
  const key = pairs.join('\0');
  if (!key.includes('\u0001') && countNul(key) === Math.max(0, pairs.length - 1)) return key;
  return pairs.map((part) => part.replaceAll('\u0001', '\u00011').replaceAll('\0', '\u00010')).join('\0');
}

function makeJson(pairs: readonly string[]): string {
  let json = '';
  for (let i = 0; i < pairs.length; i += 2) {
    json += `${i === 0 ? '' : ','}${JSON.stringify(pairs[i])}:${JSON.stringify(pairs[i + 1])}`;
  }
  return `{${json}}`;
}

function countNul(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\0'); at !== -1; at = text.indexOf('\0', at + 1)) count++;
  return count;
}
