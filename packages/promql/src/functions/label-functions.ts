import { RE2JSException } from 're2js';
import { type Column, mergeSameLabels } from '../evaluate/column.ts';
import type { Value } from '../evaluate/value.ts';
import { executionError } from '../errors.ts';
import { type Labels, METRIC_NAME } from '../labels.ts';
import { compileAnchored } from '../matcher.ts';
import { argument, type InstantFunction, textArgument } from './instant-function.ts';

function isLabelName(name: string): boolean {
  return name !== '' && !/[\ud800-\udfff]/u.test(name);
}

/** Sets one label of each series; setting the name itself keeps it from being dropped. */
function relabel(
  columns: readonly Column[],
  target: string,
  valueOf: (labels: Labels) => string | undefined,
): Value {
  const changed = columns.map((column): Column => {
    const value = valueOf(column.labels);
    if (value === undefined) return column;
    const labels = column.labels.with({ [target]: value });
    return { ...column, labels, dropName: target === METRIC_NAME ? false : column.dropName };
  });
  return { type: 'vector', columns: mergeSameLabels(changed) };
}

/** label_replace(v, target, replacement, source, regex) */
const labelReplace: InstantFunction = (node, grid, evaluator) => {
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((index) => textArgument(node, index));
  const regex = compile(pattern ?? '');
  if (target === undefined || !isLabelName(target)) {
    throw executionError(`invalid destination label name in label_replace(): ${target ?? ''}`);
  }
  const columns = evaluator.vector(argument(node, 0), grid);
  const results = new Map<string, string | undefined>();
  return relabel(columns, target, (labels) => {
    const value = labels.get(source ?? '');
    if (!results.has(value)) results.set(value, replace(regex, value, replacement ?? ''));
    return results.get(value);
  });
};

function compile(pattern: string): ReturnType<typeof compileAnchored> {
  try {
    return compileAnchored(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

function replace(
  regex: ReturnType<typeof compileAnchored>,
  value: string,
  template: string,
): string | undefined {
  const matcher = regex.matcher(value);
  if (!matcher.matches()) return undefined;
  const names = regex.namedGroups();
  const group = (name: string): string => {
    const index = /^\d+$/.test(name) ? Number(name) : names[name];
    if (index === undefined || index > matcher.groupCount()) return '';
    return matcher.group(index) ?? '';
  };
  // Go's template: $1, $name, ${name} and $$; the longest name of letters, digits and underscores counts.
  return template.replaceAll(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) =>
    whole === '$$' ? '$' : group(braced ?? bare ?? ''),
  );
}

/** label_join(v, target, separator, source...) */
const labelJoin: InstantFunction = (node, grid, evaluator) => {
  const target = textArgument(node, 1);
  const separator = textArgument(node, 2);
  const sources = node.args.slice(3).map((_, index) => textArgument(node, index + 3));
  const broken = sources.find((source) => !isLabelName(source));
  if (broken !== undefined) throw executionError(`invalid source label name in label_join(): ${broken}`);
  if (!isLabelName(target)) throw executionError(`invalid destination label name in label_join(): ${target}`);
  const columns = evaluator.vector(argument(node, 0), grid);
  return relabel(columns, target, (labels) => sources.map((source) => labels.get(source)).join(separator));
};

export const LABEL_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  label_join: labelJoin,
  label_replace: labelReplace,
};
