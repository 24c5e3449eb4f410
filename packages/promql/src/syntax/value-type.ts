import type { Expression, ValueType } from './ast.ts';
import { FUNCTION_SIGNATURES } from './function-signatures.ts';

/** The type an expression evaluates to. */
export function valueTypeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'range':
    case 'subquery':
      return 'matrix';
    case 'selector':
    case 'aggregation':
      return 'vector';
    case 'call':
      return FUNCTION_SIGNATURES.get(expression.name)?.returns ?? 'vector';
    case 'binary': {
      const scalar = valueTypeOf(expression.left) === 'scalar' && valueTypeOf(expression.right) === 'scalar';
      return scalar ? 'scalar' : 'vector';
    }
    case 'unary':
    case 'paren':
    default:
      return valueTypeOf(expression.expression);
  }
}

/** A value type as error messages name it. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}
