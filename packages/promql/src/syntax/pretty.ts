import type { Expression } from './ast.ts';
import { type FormatOptions, formatSubquerySuffix, Formatter } from './format.ts';

/** What is longer, in bytes of UTF-8, is split. */
const MAX_LINE_BYTES = 100;
const INDENT = '  ';

/** An expression over several lines where it is too long for one, as Prometheus' `format_query` writes it. */
export function prettyExpression(expression: Expression, options: FormatOptions = {}): string {
  return new PrettyPrinter(new Formatter(options.unquotedUtf8Names ?? false)).print(expression, 0);
}

class PrettyPrinter {
  readonly #formatter: Formatter;

  constructor(formatter: Formatter) {
    this.#formatter = formatter;
  }

  /** `level` is how deep the line is indented: 0 also where the node goes on in its parent's line. */
  print(node: Expression, level: number): string {
    const indent = INDENT.repeat(level);
    // A sign goes before its operand, which may be split on its own.
    if (node.kind === 'unary') return `${indent}${node.operator}${this.print(node.expression, level).trim()}`;
    const line = this.#formatter.format(node);
    if (new TextEncoder().encode(line).length <= MAX_LINE_BYTES) {
      // Upstream leaves a subquery that fits without its indent.
      return node.kind === 'subquery' ? line : `${indent}${line}`;
    }
    return this.#split(node, level) ?? `${indent}${line}`;
  }

  #split(node: Expression, level: number): string | undefined {
    const indent = INDENT.repeat(level);
    const inside = (child: Expression) => this.print(child, level + 1);
    switch (node.kind) {
      case 'aggregation': {
        const parameter = node.parameter ? `${inside(node.parameter)},\n` : '';
        const head = this.#formatter.aggregationHead(node);
        return `${indent}${head}(\n${parameter}${inside(node.expression)}\n${indent})`;
      }
      case 'binary': {
        const operator = this.#formatter.operatorWithMatching(node);
        return `${inside(node.left)}\n${indent}${operator}\n${inside(node.right)}`;
      }
      case 'call':
        return `${indent}${node.name}(\n${node.args.map(inside).join(',\n')}\n${indent})`;
      case 'paren':
        return `${indent}(\n${inside(node.expression)}\n${indent})`;
      case 'subquery':
        return `${this.print(node.expression, level)}${formatSubquerySuffix(node)}`;
      case 'number':
      case 'string':
      case 'selector':
      case 'range':
      case 'unary':
      default:
        return undefined;
    }
  }
}
