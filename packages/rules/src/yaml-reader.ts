import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
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
    this.root = document.errors.length > 0 ? null : this.#resolved(document);
  }

  /** Aliases are replaced by what they name, so that readers meet only values. */
  #resolved(document: ReturnType<typeof parseDocument>): Node | null {
    try {
      document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      this.#report(0, error instanceof Error ? error.message : String(error));
      return null;
    }
    return document.contents;
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
        this.report(keyNode, `field ${key} not found in ${what}; ${hint}`);
      }
      found.set(key, value);
    }
    return found;
  }

  list(node: Node | null | undefined, what: string): readonly (Node | null)[] {
    if (isAbsent(node)) return [];
    if (isSeq(node)) return node.items.map(asNode);
    this.report(node, `${what} must be a list`);
    return [];
  }

  /** A scalar as its text: `1` and `"1"` are the same to Prometheus where it wants a string. */
  text(node: Node | null | undefined, what: string): string {
    if (isAbsent(node)) return '';
    if (isScalar(node))
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
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
    if (isAbsent(node)) return undefined;
    try {
      return parseDuration(this.text(node, what));
    } catch (error) {
      this.report(node, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  integer(node: Node | null | undefined, what: string): number {
    if (isAbsent(node)) return 0;
    if (isScalar(node) && Number.isSafeInteger(node.value)) return Number(node.value);
    this.report(node, `${what} must be a whole number`);
    return 0;
  }

  #pairs(
    node: Node | null | undefined,
    what: string,
  ): { key: string; keyNode: Node | null; value: Node | null }[] {
    if (isAbsent(node)) return [];
    if (!isMap(node)) {
      this.report(node, `${what} must be a mapping`);
      return [];
    }
    return node.items.map(({ key, value }: Pair) => {
      const keyNode = asNode(key);
      const name = isScalar(keyNode) ? String(keyNode.value) : '';
      return { key: name, keyNode, value: asNode(value) };
    });
  }
}

function isAbsent(node: Node | null | undefined): node is null | undefined {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function asNode(value: unknown): Node | null {
  return value !== null && typeof value === 'object' ? (value as Node) : null;
}
