import { parsePipeline, TokenReader } from './parse-pipeline.ts';
import { TEMPLATE_FUNCTION_NAMES } from './template-functions.ts';
import type { ParsedTemplate, Pipeline, TemplateNode } from './template-node.ts';
import { tokenizeTemplate } from './template-token.ts';
import { unquote } from './unquote.ts';

/** Deeper nesting of blocks is refused. */
const MAX_BLOCK_DEPTH = 100;

/**
 * Parses a Go text/template. Unknown functions and variables are errors here, as in Go.
 * @throws {TemplateError} with the message Go gives
 */
export function parseTemplate(name: string, source: string): ParsedTemplate {
  const reader = new TokenReader(name, source, tokenizeTemplate(source, name), TEMPLATE_FUNCTION_NAMES);
  const definitions = new Map<string, readonly TemplateNode[]>();
  const parser = new BlockParser(reader, definitions);
  const { nodes, end } = parser.parseNodes(0, false);
  if (end !== 'eof') throw reader.error(source.length, `unexpected {{${end}}}`);
  return { name, source, nodes, definitions };
}

type BlockEnd = 'end' | 'else' | 'eof';

class BlockParser {
  readonly #reader: TokenReader;
  readonly #definitions: Map<string, readonly TemplateNode[]>;

  constructor(reader: TokenReader, definitions: Map<string, readonly TemplateNode[]>) {
    this.#reader = reader;
    this.#definitions = definitions;
  }

  /** Reads nodes up to an `end` or `else`, whose keyword it has consumed, or the end of the template. */
  parseNodes(depth: number, inRange: boolean): { nodes: TemplateNode[]; end: BlockEnd; at: number } {
    const reader = this.#reader;
    if (depth > MAX_BLOCK_DEPTH)
      throw reader.error(reader.peek()?.at ?? 0, `blocks deeper than ${MAX_BLOCK_DEPTH}`);
    const nodes: TemplateNode[] = [];
    for (;;) {
      if (reader.atEnd) return { nodes, end: 'eof', at: reader.source.length };
      const token = reader.next();
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const keyword = reader.peek();
      const word = keyword?.kind === 'identifier' ? keyword.text : '';
      if (word === 'end' || word === 'else') {
        reader.next();
        if (word === 'end') reader.expect('close', 'end');
        return { nodes, end: word, at: token.at };
      }
      const node = this.#parseAction(word, depth, inRange, token.at);
      if (node) nodes.push(node);
    }
  }

  #parseAction(word: string, depth: number, inRange: boolean, at: number): TemplateNode | undefined {
    const reader = this.#reader;
    if (word === 'if' || word === 'with' || word === 'range') {
      reader.next();
      return this.#parseControl(word, depth, inRange);
    }
    if (word === 'define' || word === 'template' || word === 'block') {
      reader.next();
      return this.#parseNamed(word, depth);
    }
    if (word === 'break' || word === 'continue') {
      reader.next();
      reader.expect('close', word);
      if (!inRange) throw reader.error(at, `{{${word}}} outside {{range}}`);
      return { kind: word };
    }
    const pipeline = parsePipeline(reader, 'command');
    reader.expect('close', 'command');
    return { kind: 'action', pipeline };
  }

  #parseControl(kind: 'if' | 'with' | 'range', depth: number, inRange: boolean): TemplateNode {
    const reader = this.#reader;
    const scope = reader.variables.length;
    const pipeline = parsePipeline(reader, kind);
    reader.expect('close', kind);
    const body = this.parseNodes(depth + 1, inRange || kind === 'range');
    let otherwise: TemplateNode[] = [];
    if (body.end === 'else') otherwise = this.#parseElse(kind, depth, inRange);
    if (body.end === 'eof') throw reader.error(reader.source.length, 'unexpected EOF');
    reader.variables.length = scope;
    return { kind, pipeline, body: body.nodes, otherwise };
  }

  #parseElse(kind: string, depth: number, inRange: boolean): TemplateNode[] {
    const reader = this.#reader;
    const next = reader.peek();
    const chained =
      next?.kind === 'identifier' && (next.text === 'if' || next.text === 'with') ? next.text : undefined;
    if (chained === kind) {
      reader.next();
      return [this.#parseControl(chained === 'if' ? 'if' : 'with', depth + 1, inRange)];
    }
    reader.expect('close', 'else');
    const rest = this.parseNodes(depth + 1, inRange);
    if (rest.end === 'else') throw reader.error(rest.at, 'expected end; found {{else}}');
    if (rest.end === 'eof') throw reader.error(reader.source.length, 'unexpected EOF');
    return rest.nodes;
  }

  #parseNamed(word: 'define' | 'template' | 'block', depth: number): TemplateNode | undefined {
    const reader = this.#reader;
    const quoted = reader.expect('string', `${word} clause`);
    const name = unquote(quoted.text);
    if (word === 'define') {
      reader.expect('close', 'define clause');
      this.#define(name, depth);
      return undefined;
    }
    let pipeline: Pipeline | undefined;
    if (reader.peek()?.kind !== 'close') pipeline = parsePipeline(reader, `${word} clause`);
    reader.expect('close', `${word} clause`);
    if (word === 'block') this.#define(name, depth);
    return { kind: 'template', name, pipeline, at: quoted.at };
  }

  /** A definition sees no variables but `$`. */
  #define(name: string, depth: number): void {
    const reader = this.#reader;
    const outer = reader.variables.splice(0, reader.variables.length, '$');
    const body = this.parseNodes(depth + 1, false);
    if (body.end !== 'end')
      throw reader.error(body.at, `unexpected ${body.end === 'eof' ? 'EOF' : '{{else}}'} in define clause`);
    reader.variables.splice(0, reader.variables.length, ...outer);
    this.#definitions.set(name, body.nodes);
  }
}
