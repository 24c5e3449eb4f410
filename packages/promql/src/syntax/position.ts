import { PromqlError } from '../errors.ts';

/** A half-open range in the query text, in UTF-16 code units. */
export interface Position {
  readonly start: number;
  readonly end: number;
}

/** A query that is not PromQL. `message` is Prometheus': `line:column: parse error: what`. */
export class PromqlParseError extends PromqlError {
  override readonly name = 'PromqlParseError';
  readonly position: Position;
  /** The message without position and prefix. */
  readonly detail: string;

  constructor(detail: string, position: Position, text: string) {
    super('parse', `${formatPosition(position, text)}: parse error: ${detail}`);
    this.position = position;
    this.detail = detail;
  }
}

/** `line:column` from one, the column in bytes of UTF-8, as Prometheus counts. */
export function formatPosition(position: Position, text: string): string {
  if (text === '') return 'unknown position';
  if (position.start < 0 || position.start > text.length) return 'invalid position';
  const before = text.slice(0, position.start);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `${line}:${new TextEncoder().encode(before.slice(lineStart)).length + 1}`;
}
