import { quoteGo } from '@plimsoll/promql';
import { TemplateError } from './template-error.ts';
import type { Command, Operand, Pipeline } from './template-node.ts';
import type { Token } from './template-token.ts';
import { unquote } from './unquote.ts';

/** Deeper parentheses are refused. */
const MAX_DEPTH = 100;

/** Where parsing stands: shared by the parser of pipelines and that of blocks. */
export class TokenReader {
  readonly template: string;
  readonly source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  /** Variables in scope, innermost last; Go checks them while parsing. */
  readonly variables: string[] = ['$'];
  readonly functions: ReadonlySet<string>;

  constructor(template: string, source: string, tokens: readonly Token[], functions: ReadonlySet<string>) {
    this.template = template;
    this.source = source;
    this.#tokens = tokens;
    this.functions = functions;
  }

  get atEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  peek(offset = 0): Token | undefined {
    return this.#tokens[this.#next + offset];
  }

  next(): Token {
    const token = this.#tokens[this.#next];
    if (!token) throw new TemplateError(this.template, this.source, this.source.length, 'unexpected EOF');
    this.#next++;
    return token;
  }

  take(kind: Token['kind'], text?: string): Token | undefined {
    const token = this.peek();
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined;
    this.#next++;
    return token;
  }

  expect(kind: Token['kind'], context: string): Token {
    const token = this.next();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  unexpected(token: Token, context: string): TemplateError {
    return this.error(token.at, `unexpected ${quoteGo(token.text)} in ${context}`);
  }

  error(at: number, problem: string): TemplateError {
    return new TemplateError(this.template, this.source, at, problem);
  }
}

/** Reads `[$a[, $b] :=] command | command ...` up to, not including, the end given. */
export function parsePipeline(reader: TokenReader, context: string, depth = 0): Pipeline {
  if (depth > MAX_DEPTH) throw reader.error(reader.peek()?.at ?? 0, `parentheses deeper than ${MAX_DEPTH}`);
  const at = reader.peek()?.at ?? reader.source.length;
  const { declares, assigns } = parseDeclarations(reader, context);
  const commands: Command[] = [];
  do commands.push(parseCommand(reader, context, depth));
  while (reader.take('punctuation', '|'));
  commands.slice(1).forEach(([first]) => {
    if (first.kind === 'literal' || first.kind === 'dot')
      throw reader.error(
        first.at,
        `non executable command in pipeline stage ${commands.findIndex((c) => c[0] === first) + 1}`,
      );
  });
  for (const name of declares) if (!assigns) reader.variables.push(name);
  return { declares, assigns, commands, at };
}

function parseDeclarations(reader: TokenReader, context: string): { declares: string[]; assigns: boolean } {
  const count = countDeclared(reader, context);
  const declares: string[] = [];
  for (let i = 0; i < count; i++) {
    const token = reader.next();
    const assigns = reader.peek()?.text === '=' || (count === 2 && reader.peek(count)?.text === '=');
    if (assigns) checkVariable(reader, token);
    declares.push(token.text);
    if (i < count - 1) reader.next();
  }
  return { declares, assigns: count > 0 && reader.next().text === '=' };
}

/** How many variables stand before a `:=` or `=`: two are possible in `range` only. */
function countDeclared(reader: TokenReader, context: string): number {
  const sets = (offset: number): boolean => [':=', '='].includes(reader.peek(offset)?.text ?? '');
  if (reader.peek()?.kind !== 'variable') return 0;
  if (sets(1)) return 1;
  const pair = context === 'range' && reader.peek(1)?.text === ',' && reader.peek(2)?.kind === 'variable';
  return pair && sets(3) ? 2 : 0;
}

function parseCommand(reader: TokenReader, context: string, depth: number): Command {
  const operands: Operand[] = [];
  for (;;) {
    const token = reader.peek();
    if (!token || token.kind === 'close' || (token.kind === 'punctuation' && token.text !== '(')) break;
    operands.push(parseOperand(reader, context, depth));
  }
  const [first, ...rest] = operands;
  if (!first) {
    const token = reader.peek();
    throw reader.error(token?.at ?? reader.source.length, `missing value for ${context}`);
  }
  return [first, ...rest];
}

function parseOperand(reader: TokenReader, context: string, depth: number): Operand {
  const start = reader.peek()?.at ?? 0;
  const base = parseTerm(reader, context, depth);
  const fields: string[] = [];
  for (let token = reader.peek(); token?.kind === 'field' && !token.spaced; token = reader.peek())
    fields.push(reader.next().text.slice(1));
  if (fields.length === 0) return base;
  const text = base.text === '.' ? `.${fields.join('.')}` : `${base.text}.${fields.join('.')}`;
  return {
    kind: 'chain',
    base,
    fields,
    at: base.kind === 'variable' ? start + base.text.length : start,
    text,
  };
}

function parseTerm(reader: TokenReader, context: string, depth: number): Operand {
  const token = reader.next();
  const place = { at: token.at, text: token.text };
  switch (token.kind) {
    case 'dot':
      return { kind: 'dot', ...place };
    case 'field':
      return { kind: 'chain', base: { kind: 'dot', ...place }, fields: [token.text.slice(1)], ...place };
    case 'variable':
      checkVariable(reader, token);
      return { kind: 'variable', name: token.text, ...place };
    case 'identifier':
      return parseIdentifier(reader, token);
    case 'string':
      return { kind: 'literal', value: unquote(token.text), ...place };
    case 'char':
      return { kind: 'literal', value: BigInt(unquote(token.text).codePointAt(0) ?? 0), ...place };
    case 'number':
      return { kind: 'literal', value: parseNumber(token.text), ...place };
    case 'punctuation': {
      if (token.text !== '(') throw reader.unexpected(token, context);
      const pipeline = parsePipeline(reader, 'parenthesized pipeline', depth + 1);
      const close = reader.take('punctuation', ')');
      if (!close) throw reader.error(token.at, 'unclosed left paren');
      return { kind: 'pipeline', pipeline, at: token.at, text: reader.source.slice(token.at, close.at + 1) };
    }
    case 'text':
    case 'open':
    case 'close':
    default:
      throw reader.unexpected(token, context);
  }
}

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

function parseIdentifier(reader: TokenReader, token: Token): Operand {
  const place = { at: token.at, text: token.text };
  const constant = CONSTANTS.get(token.text);
  if (constant !== undefined) return { kind: 'literal', value: constant, ...place };
  if (!reader.functions.has(token.text))
    throw reader.error(token.at, `function ${quoteGo(token.text)} not defined`);
  return { kind: 'function', name: token.text, ...place };
}

function checkVariable(reader: TokenReader, token: Token): void {
  if (!reader.variables.includes(token.text))
    throw reader.error(token.at, `undefined variable ${quoteGo(token.text)}`);
}

/** Go reads `10` as an int and `10.0` or `1e1` as a float64. */
function parseNumber(text: string): bigint | number {
  const plain = text.replaceAll('_', '');
  if (/^[+-]?\d+$/.test(plain)) return BigInt(plain);
  const radix = /^([+-]?)(0[xXbBoO].*)$/.exec(plain);
  if (radix) return BigInt(radix[2] ?? '0') * (radix[1] === '-' ? -1n : 1n);
  return Number(plain);
}
