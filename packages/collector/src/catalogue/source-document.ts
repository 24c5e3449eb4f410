import { isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { LIMITS } from './limits.ts';

export type Path = readonly PropertyKey[];

/** One YAML document with the means to say where in its file something stands. */
export interface SourceDocument {
  readonly value: unknown;
  /** `file:line:column: message`, at the value a path leads to, or at its nearest ancestor that is written. */
  at(path: Path, message: string): string;
  /** The same, at a key. */
  atKey(path: Path, key: string, message: string): string;
}

/** Reads the documents of a file; those that are no YAML become errors, empty ones are left out. */
export function readDocuments(
  file: string,
  text: string,
): { readonly documents: readonly SourceDocument[]; readonly errors: readonly string[] } {
  if (text.length > LIMITS.fileChars) {
    return { documents: [], errors: [`${file}:1:1: longer than ${LIMITS.fileChars} characters`] };
  }
  const lineCounter = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false });
  const documents: SourceDocument[] = [];
  const errors: string[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    errors.push(...document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`));
    if (document.errors.length > 0 || document.contents === null) continue;
    try {
      documents.push(sourceDocument(document, document.toJS({ maxAliasCount: LIMITS.aliases }), place));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      errors.push(`${place(document.range[0])}: ${message}`);
    }
  }
  return { documents, errors };
}

function sourceDocument(
  document: Document,
  value: unknown,
  place: (offset: number) => string,
): SourceDocument {
  return {
    value,
    at: (path, message) => `${place(offsetOf(document, path))}: ${message}`,
    atKey: (path, key, message) => `${place(keyOffsetOf(document, path, key))}: ${message}`,
  };
}

function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffsetOf(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map)
    ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    : undefined;
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path);
}
