import { Labels } from '../labels.ts';
import type { Column } from './column.ts';
import { isMetadata } from './column.ts';

/** Which group each series of an aggregation belongs to. */
export interface Grouping {
  /** By series: the index of its group. */
  readonly groupOf: Int32Array;
  /** By group: the labels of its result. */
  readonly labels: readonly Labels[];
}

/** Groups series by labels, or by all labels but some. Groups are numbered in the order they first appear. */
export function groupSeries(
  columns: readonly Column[],
  names: readonly string[],
  without: boolean,
): Grouping {
  const groupOf = new Int32Array(columns.length);
  if (!without && names.length === 0) return { groupOf, labels: columns.length === 0 ? [] : [Labels.EMPTY] };
  const keyOf = without ? excludingKey(names) : includingKey(names);
  const numbers = new Map<string, number>();
  const labels: Labels[] = [];
  let index = 0;
  for (const column of columns) {
    const key = keyOf(column.labels);
    let group = numbers.get(key);
    if (group === undefined) {
      group = labels.length;
      numbers.set(key, group);
      labels.push(groupLabels(column.labels, names, without));
    }
    groupOf[index++] = group;
  }
  return { groupOf, labels };
}

function groupLabels(labels: Labels, names: readonly string[], without: boolean): Labels {
  return without
    ? labels.filter((name) => !names.includes(name) && !isMetadata(name))
    : labels.keep(...names);
}

/** A function that gives equal strings for series with equal values of these labels. */
export function includingKey(names: readonly string[]): (labels: Labels) => string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return (labels) => labels.get(only);
  // Lengths keep values apart whatever characters they have.
  return (labels) => {
    let key = '';
    for (const name of names) {
      const value = labels.get(name);
      key += `${value.length}:${value}`;
    }
    return key;
  };
}

/** A function that gives equal strings for series that are equal apart from these labels and the metric's own. */
export function excludingKey(names: readonly string[]): (labels: Labels) => string {
  if (names.length === 0) return (labels) => labels.withoutMetadata().key;
  const excluded = new Set(names);
  return ({ pairs }) => {
    let key = '';
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] ?? '';
      if (excluded.has(name) || isMetadata(name)) continue;
      const value = pairs[i + 1] ?? '';
      key += `${name.length}:${name}${value.length}:${value}`;
    }
    return key;
  };
}
