import { METRIC_NAME } from '../labels.ts';
import { formatDuration } from '../text/duration.ts';
import { formatGoFloat, formatGoGeneral } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { Matcher } from '../queryable.ts';
import type {
  Aggregation,
  AtModifier,
  Binary,
  DurationExpression,
  DurationOperation,
  Expression,
  MatrixSelector,
  NumberLiteral,
  Span,
  Subquery,
  VectorSelector,
} from './ast.ts';
import { needsQuotes } from './char-class.ts';

export interface FormatOptions {
  /** Write names beyond ASCII and with dots without quotes. */
  readonly unquotedUtf8Names?: boolean;
}

/** An expression in Prometheus' canonical form, on one line. */
export function formatExpression(expression: Expression, options: FormatOptions = {}): string {
  return new Formatter(options.unquotedUtf8Names ?? false).format(expression);
}

/** Writes expressions on one line. */
export class Formatter {
  readonly #utf8: boolean;

  constructor(utf8: boolean) {
    this.#utf8 = utf8;
  }

  format(node: Expression): string {
    switch (node.kind) {
      case 'number':
        return formatNumber(node);
      case 'string':
        return quoteGo(node.value);
      case 'selector':
        return this.#selector(node);
      case 'range':
        return this.#range(node);
      case 'subquery':
        return this.#subquery(node);
      case 'call':
        return `${node.name}(${node.args.map((arg) => this.format(arg)).join(', ')})`;
      case 'aggregation':
        return this.#aggregation(node);
      case 'binary':
        return this.#binary(node);
      case 'unary':
        return `${node.operator}${this.format(node.expression)}`;
      case 'paren':
      default:
        return `(${this.format(node.expression)})`;
    }
  }

  #labels(names: readonly string[]): string {
    return names.map((name) => (needsQuotes(name, this.#utf8) ? quoteGo(name) : name)).join(', ');
  }

  #aggregation(node: Aggregation): string {
    const parameter = node.parameter ? `${this.format(node.parameter)}, ` : '';
    return `${this.aggregationHead(node)}(${parameter}${this.format(node.expression)})`;
  }

  /** An aggregation's operator with its grouping. */
  aggregationHead(node: Aggregation): string {
    if (node.without) return `${node.operator} without (${this.#labels(node.grouping)}) `;
    return node.grouping.length > 0 ? `${node.operator} by (${this.#labels(node.grouping)}) ` : node.operator;
  }

  #binary(node: Binary): string {
    return `${this.format(node.left)} ${this.operatorWithMatching(node)} ${this.format(node.right)}`;
  }

  /** A binary operator with all that stands between it and its right side. */
  operatorWithMatching(node: Binary): string {
    return `${node.operator}${node.returnBool ? ' bool' : ''}${this.#matching(node)}`;
  }

  #matching({ matching }: Binary): string {
    const { labels, on, cardinality, include, fillLeft, fillRight } = matching;
    const grouped = cardinality === 'many-to-one' || cardinality === 'one-to-many';
    let out = '';
    if (labels.length > 0 || on || grouped) out += ` ${on ? 'on' : 'ignoring'} (${this.#labels(labels)})`;
    if (grouped)
      out += ` group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${this.#labels(include)})`;
    if (fillLeft !== undefined && fillLeft === fillRight) return `${out} fill (${formatGoGeneral(fillLeft)})`;
    if (fillLeft !== undefined) out += ` fill_left (${formatGoGeneral(fillLeft)})`;
    if (fillRight !== undefined) out += ` fill_right (${formatGoGeneral(fillRight)})`;
    return out;
  }

  #matchers({ name, matchers }: VectorSelector): string {
    const shown = matchers
      .filter((matcher) => !isNameMatcher(matcher, name))
      .map(({ name: label, type, value }) => {
        const left = needsQuotes(label, this.#utf8) ? quoteGo(label) : label;
        return `${left}${type}${quoteGo(value)}`;
      })
      .sort();
    return shown.length === 0 ? name : `${name}{${shown.join(',')}}`;
  }

  #selector(node: VectorSelector): string {
    // A bare {} would not parse back, but only `info` takes one and there it is written as is.
    const text = this.#matchers(node);
    return `${text}${formatAt(node.at)}${node.extended ? ` ${node.extended}` : ''}${formatOffset(node.offset)}`;
  }

  #range({ selector, range }: MatrixSelector): string {
    const extended = selector.extended ? ` ${selector.extended}` : '';
    const modifiers = `${extended}${formatAt(selector.at)}${formatOffset(selector.offset)}`;
    return `${this.#matchers(selector)}[${formatSpan(range)}]${modifiers}`;
  }

  #subquery(node: Subquery): string {
    return `${this.format(node.expression)}${formatSubquerySuffix(node)}`;
  }
}

/** The brackets of a subquery and what follows them. */
export function formatSubquerySuffix(node: Subquery): string {
  const step = node.step ? formatSpan(node.step) : '';
  return `[${formatSpan(node.range)}:${step}]${formatAt(node.at)}${formatOffset(node.offset)}`;
}

function isNameMatcher(matcher: Matcher, name: string): boolean {
  return matcher.name === METRIC_NAME && matcher.type === '=' && matcher.value === name && name !== '';
}

function formatNumber({ value, isDuration }: NumberLiteral): string {
  if (!isDuration) return formatGoFloat(value);
  return value < 0 ? `-${formatDuration(-value * 1000)}` : formatDuration(value * 1000);
}

function formatAt(at: AtModifier | undefined): string {
  if (!at) return '';
  return at.kind === 'time' ? ` @ ${(at.timeMs / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function formatOffset(offset: Span | undefined): string {
  if (offset?.expression) return ` offset ${formatDurationOperation(offset.expression)}`;
  if (!offset || offset.ms === 0) return '';
  return offset.ms < 0 ? ` offset -${formatDuration(-offset.ms)}` : ` offset ${formatDuration(offset.ms)}`;
}

function formatSpan(span: Span): string {
  return span.expression ? formatDurationOperation(span.expression) : formatDuration(span.ms);
}

function formatDurationExpression(node: DurationExpression): string {
  return node.kind === 'number' ? formatNumber(node) : formatDurationOperation(node);
}

function formatDurationOperation(node: DurationOperation): string {
  const text = formatBareDuration(node);
  return node.wrapped ? `(${text})` : text;
}

function formatBareDuration({ operator, left, right }: DurationOperation): string {
  const rightText = right ? formatDurationExpression(right) : '';
  if (operator === 'step' || operator === 'range') return `${operator}()`;
  if (!left) return operator === '-' ? `-${rightText}` : rightText;
  const leftText = formatDurationExpression(left);
  if (operator === 'min_of' || operator === 'max_of') return `${operator}(${leftText}, ${rightText})`;
  return `${leftText} ${operator} ${rightText}`;
}
