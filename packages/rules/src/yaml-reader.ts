import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { parseDuration } from '@plimsoll/promql';
import { nearestName } from './nearest-name.ts';
import type { FileProblem } from './rule-file.ts';

/** Larger files are refused before they are parsed. */
const MAX_FILE_CHARACTERS = 8_000_000;
/** Aliases are expanded at most this often: a small file must not become a huge one. */
const MAX_ALIASES = 100;

/** Reads a YAML file value by value, collecting what is wrong with its place. */
export class YamlReader {
  readonly file: string;
  readonly problems: FileProblem[] = [];
  readonly root: Node | null;
  readonly #lines = new LineCounter();
  readonly #ignoreUnknown: boolean;
  readonly #document: ReturnType<typeof parseDocument> | undefined;

  constructor(file: string, contents: string, options: { ignoreUnknownFields?: boolean } = {}) {
    this.file = file;
    this.#ignoreUnknown = options.ignoreUnknownFields ?? false;
    if (contents.length > MAX_FILE_CHARACTERS) {
      this.root = null;
      this.#report(0, `the file is longer than ${MAX_FILE_CHARACTERS} characters`);
      return;
    }
    const document = parseDocument(contents, { lineCounter: this.#lines, prettyErrors: false });
    for (const error of document.errors) this.#report(error.pos[0], error.message);
    this.#document = document;
    this.root = document.errors.length > 0 || !this.#isBounded(document) ? null : document.contents;
  }

  /** Expands aliases once, as far as they are allowed to go. */
  #isBounded(document: ReturnType<typeof parseDocument>): boolean {
    try {
      document.toJS({ maxAliasCount: MAX_ALIASES });
      return true;
    } catch (error) {
      this.#report(0, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** What an alias names, and any other node as it is. */
  #value(node: Node | null | undefined): Node | null | undefined {
    return isAlias(node) && this.#document ? node.resolve(this.#document) : node;
  }

  report(node: Node | null | undefined, message: string): void {
    this.#report(node?.range?.[0] ?? -1, message);
  }

  place(node: Node | null | undefined): { line: number; column: number } {
    const offset = node?.range?.[0];
    if (offset === undefined) return { line: 0, column: 0 };
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #report(offset: number, message: string): void {
    const { line, col } = offset < 0 ? { line: 0, col: 0 } : this.#lines.linePos(offset);
    this.problems.push({ file: this.file, line, column: col, message });
  }

  /** A mapping with only these keys; an unknown one is a problem that names the nearest. */
  fields(
    node: Node | null | undefined,
    what: string,
    valid: readonly string[],
  ): ReadonlyMap<string, Node | null> {
    const found = new Map<string, Node | null>();
    for (const { key, keyNode, value } of this.#pairs(node, what)) {
      if (!valid.includes(key) && !this.#ignoreUnknown) {
        const nearest = nearestName(key, valid);
        const hint = nearest === undefined ? `valid are ${valid.join(', ')}` : `did you mean ${nearest}?`;
        this.report(keyNode, `field ${key} not found in type ${what}; ${hint}`);
      }
      found.set(key, value);
    }
    return found;
  }

  list(node: Node | null | undefined, what: string): readonly (Node | null)[] {
    const value = this.#value(node);
    if (isAbsent(value)) return [];
    if (isSeq(value)) return value.items.map(asNode);
    this.report(node, `${what} must be a list`);
    return [];
  }

  /** A scalar as its text: `1` and `"1"` are the same to Prometheus where it wants a string. */
  text(node: Node | null | undefined, what: string): string {
    const value = this.#value(node);
    if (isAbsent(value)) return '';
    if (isScalar(value))
      return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
    this.report(node, `${what} must be a string`);
    return '';
  }

  /** A mapping of names to strings. */
  texts(node: Node | null | undefined, what: string): Record<string, string> {
    const entries = this.#pairs(node, what).map(
      ({ key, value }) => [key, this.text(value, `${what}.${key}`)] as const,
    );
    return Object.fromEntries(entries);
  }

  /** The node behind a key of a mapping, for errors about it. */
  child(node: Node | null | undefined, key: string): Node | null | undefined {
    return this.#pairs(node, key).find((pair) => pair.key === key)?.value;
  }

  /** Milliseconds; undefined when absent. */
  duration(node: Node | null | undefined, what: string): number | undefined {
    if (isAbsent(this.#value(node))) return undefined;
    try {
      return parseDuration(this.text(node, what));
    } catch (error) {
      this.report(node, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  integer(node: Node | null | undefined, what: string): number {
    const value = this.#value(node);
    if (isAbsent(value)) return 0;
    if (isScalar(value) && Number.isSafeInteger(value.value)) return Number(value.value);
    this.report(node, `${what} must be a whole number`);
    return 0;
  }

  /** The entries of a mapping; those of a merge key (`<<`) stand before its own, which win. */
  #pairs(node: Node | null | undefined, what: string): Entry[] {
    const value = this.#value(node);
    if (isAbsent(value)) return [];
    if (!isMap(value)) {
      this.report(node, `${what} must be a mapping`);
      return [];
    }
    const entries = value.items.map(toEntry);
    const merged = entries
      .filter(({ key }) => key === MERGE_KEY)
      .flatMap((entry) => this.#merged(entry, what));
    const own = entries.filter(({ key }) => key !== MERGE_KEY);
    return [...merged.filter(({ key }) => !own.some((entry) => entry.key === key)), ...own];
  }

  #merged({ value }: Entry, what: string): Entry[] {
    const source = this.#value(value);
    return isSeq(source)
      ? source.items.flatMap((item) => this.#pairs(asNode(item), what))
      : this.#pairs(source, what);
  }
}

interface Entry {
  readonly key: string;
  readonly keyNode: Node | null;
  readonly value: Node | null;
}

const MERGE_KEY = '<<';

function toEntry({ key, value }: Pair): Entry {
  const keyNode = asNode(key);
  return { key: isScalar(keyNode) ? String(keyNode.value) : '', keyNode, value: asNode(value) };
}

function isAbsent(node: Node | null | undefined): node is null | undefined {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function asNode(value: unknown): Node | null {
  return value !== null && typeof value === 'object' ? (value as Node) : null;
}
