import type { Aggregation, Binary, Call, Expression } from '@plimsoll/promql';

/** The label that names the host a series comes from. */
export const INSTANCE = 'instance';

/** What an expression yields: a number, series that each belong to one host alone, or something that mixes hosts. */
type Scope = 'scalar' | 'host' | 'mixed';

/**
 * Whether an expression never mixes hosts: its result for a host is the same when every selector is restricted to that
 * host's series. Such rules can be evaluated when one host's frame arrives.
 */
export function isHostScoped(expression: Expression): boolean {
  return scopeOf(expression) === 'host';
}

function scopeOf(expression: Expression): Scope {
  switch (expression.kind) {
    case 'number':
    case 'string':
      return 'scalar';
    case 'selector':
      return 'host';
    case 'range':
      return scopeOf(expression.selector);
    case 'paren':
    case 'unary':
    case 'subquery':
      return scopeOf(expression.expression);
    case 'call':
      return scopeOfCall(expression);
    case 'aggregation':
      return scopeOfAggregation(expression);
    case 'binary':
    default:
      return scopeOfBinary(expression);
  }
}

/** Functions whose result says something of the set of series, or that make series of nothing. */
const MIXING: ReadonlySet<string> = new Set(['absent', 'absent_over_time', 'scalar', 'vector', 'info']);
/** Functions that write the label named by their second argument. */
const RELABELLING: ReadonlySet<string> = new Set(['label_replace', 'label_join']);

function scopeOfCall({ name, args }: Call): Scope {
  if (MIXING.has(name)) return 'mixed';
  const target = args[1];
  if (RELABELLING.has(name) && (target?.kind !== 'string' || target.value === INSTANCE)) return 'mixed';
  return combine(args.map(scopeOf));
}

function scopeOfAggregation({ operator, expression, parameter, grouping, without }: Aggregation): Scope {
  if (grouping.includes(INSTANCE) === without) return 'mixed';
  if (operator === 'count_values' && (parameter?.kind !== 'string' || parameter.value === INSTANCE))
    return 'mixed';
  const inner = scopeOf(expression);
  return parameter && scopeOf(parameter) !== 'scalar' ? 'mixed' : inner;
}

function scopeOfBinary({ left, right, matching }: Binary): Scope {
  const sides = [scopeOf(left), scopeOf(right)];
  if (sides.includes('scalar')) return combine(sides);
  const matchesOnHost = matching.labels.includes(INSTANCE) === matching.on;
  return matchesOnHost ? combine(sides) : 'mixed';
}

function combine(scopes: readonly Scope[]): Scope {
  if (scopes.includes('mixed')) return 'mixed';
  return scopes.includes('host') ? 'host' : 'scalar';
}
