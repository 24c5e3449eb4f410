/** An alert's expression taken apart where it is `measured COMPARISON number`. */
export interface Comparison {
  readonly measured: string;
  readonly operator: string;
  readonly threshold: number;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Finds the one comparison with a number at the outermost level, so that a chart can show the measured side below the
 * line as well. Null where the expression is built otherwise (`and`, `or`, `unless`, two comparisons, no number).
 */
export function splitComparison(expression: string): Comparison | null {
  const text = stripOuterParentheses(expression.trim());
  const [only, ...others] = outermostOperators(text) ?? [];
  if (!only || others.length > 0) return null;
  const right = text
    .slice(only.at + only.operator.length)
    .replace(/^\s*bool\b/, '')
    .trim();
  const threshold = right === '' ? Number.NaN : Number(right);
  const measured = text.slice(0, only.at).trim();
  if (Number.isNaN(threshold) || measured === '') return null;
  return { measured, operator: only.operator, threshold };
}

/** Whether an alert of this expression says that nothing was heard: `up == 0`, of whichever hosts. */
export function isSilence(expression: string): boolean {
  const comparison = splitComparison(expression);
  if (!comparison || !/^up\s*(?:\{.*\})?$/s.test(comparison.measured)) return false;
  const { operator, threshold } = comparison;
  return (
    (operator === '==' && threshold === 0) ||
    (operator === '<' && threshold === 1) ||
    (operator === '!=' && threshold === 1)
  );
}

/** The comparisons outside all brackets and strings; null where a set operator joins two expressions. */
function outermostOperators(text: string): { at: number; operator: string }[] | null {
  const found: { at: number; operator: string }[] = [];
  let at = 0;
  while (at < text.length) {
    const skipped = skipNested(text, at);
    if (skipped === null || startsSetOperator(text, at)) return null;
    const operator = skipped > at ? undefined : /^(?:==|!=|>=|<=|>|<)/.exec(text.slice(at, at + 2))?.[0];
    if (operator) found.push({ at, operator });
    at = Math.max(skipped, at + (operator?.length ?? 1));
  }
  return found;
}

function startsSetOperator(text: string, at: number): boolean {
  return !/\w/.test(text[at - 1] ?? '') && /^(?:and|or|unless)\b/i.test(text.slice(at, at + 7));
}

/** The index after a string, a comment or a bracketed part that starts at `at`; `at` where none starts; null when it never ends. */
function skipNested(text: string, at: number): number | null {
  const character = text[at] ?? '';
  if (character === '#') {
    const end = text.indexOf('\n', at);
    return end === -1 ? text.length : end + 1;
  }
  if (character === '"' || character === "'" || character === '`') return endOfString(text, at, character);
  const close = closing[character];
  if (!close) return at;
  let index = at + 1;
  while (index < text.length) {
    if (text[index] === close) return index + 1;
    const next = skipNested(text, index);
    if (next === null) return null;
    index = next > index ? next : index + 1;
  }
  return null;
}

function endOfString(text: string, at: number, quote: string): number | null {
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote) return index + 1;
  }
  return null;
}

function stripOuterParentheses(text: string): string {
  if (!text.startsWith('(')) return text;
  return skipNested(text, 0) === text.length ? stripOuterParentheses(text.slice(1, -1).trim()) : text;
}
