import type { Aggregation, Expression } from './ast.ts';
import { parseLabelList } from './parse-labels.ts';
import type { ParserOptions } from './parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { Token } from './tokens.ts';

const WITH_PARAMETER = new Set(['topk', 'bottomk', 'count_values', 'quantile', 'limitk', 'limit_ratio']);
const EXPERIMENTAL = new Set(['limitk', 'limit_ratio']);

/** Whether an aggregation takes a parameter before the vector. */
export function hasParameter(operator: string): boolean {
  return WITH_PARAMETER.has(operator);
}

/** An aggregation, its operator already taken; the grouping stands before or after the arguments. */
export function parseAggregation(
  tokens: TokenStream,
  operator: Token,
  parseArgs: () => Expression[],
  options: ParserOptions,
): Aggregation {
  const utf8 = options.unquotedUtf8Names ?? false;
  tokens.aggregations++;
  let modifier = parseModifier(tokens, utf8);
  const args = parseArgs();
  tokens.aggregations--;
  let end = tokens.lastEnd;
  if (!modifier) {
    modifier = parseModifier(tokens, utf8);
    if (modifier) end = tokens.lastEnd;
  }
  const position = { start: operator.start, end };
  const name = operator.type;
  if (args.length === 0) throw tokens.error('no arguments for aggregate expression provided', position);
  if (EXPERIMENTAL.has(name) && !options.experimentalFunctions) {
    const how = 'is experimental and must be enabled with --enable-feature=promql-experimental-functions';
    throw tokens.error(`${name}() ${how}`, position);
  }
  const wanted = hasParameter(name) ? 2 : 1;
  const [first, second] = args;
  if (args.length !== wanted || !first) {
    const counts = `expected ${wanted}, got ${args.length}`;
    throw tokens.error(`wrong number of arguments for aggregate expression provided, ${counts}`, position);
  }
  const common = {
    kind: 'aggregation' as const,
    operator: name,
    position,
    ...(modifier ?? { grouping: [], without: false }),
  };
  return second ? { ...common, parameter: first, expression: second } : { ...common, expression: first };
}

function parseModifier(
  tokens: TokenStream,
  utf8: boolean,
): { grouping: string[]; without: boolean } | undefined {
  const keyword = tokens.take('by') ?? tokens.take('without');
  return keyword && { grouping: parseLabelList(tokens, utf8), without: keyword.type === 'without' };
}
