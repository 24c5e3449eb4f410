import { createHash } from 'node:crypto';
import { type Labels, METRIC_NAME } from '@plimsoll/promql';
import { canBeColumns, toColumnName } from './names.ts';

/** What writing a series' samples takes, worked out once. */
export interface DescribedSeries {
  readonly labels: Labels;
  readonly metric: string;
  /** Names of the labels besides the metric's; null where they cannot be a wide table's columns. */
  readonly labelNames: readonly string[] | null;
  /** Equal for series with the same label names. */
  readonly shape: string;
  /** Equal for series that differ in their metric only: with a time, a row of a wide table. */
  readonly row: string;
  /** The labels as a line of the server's input shows them, ",name=value" each. */
  readonly symbols: string;
  /** What stands for the label set in the shared table. */
  readonly id: string;
}

/** Bytes of a series id: among a billion label sets two have the same with a chance below one in ten billion. */
const ID_BYTES = 12;

export function describeSeries(labels: Labels): DescribedSeries {
  const names: string[] = [];
  let row = '';
  let symbols = '';
  let plain = true;
  for (const [name, value] of labels.entries()) {
    if (name === METRIC_NAME) continue;
    names.push(name);
    row += `${name}\0${value}\0`;
    symbols += `,${toColumnName(name)}=${escapeSymbol(value)}`;
    // The server's input has no way to write NUL, and half a surrogate pair is no text.
    if (value.includes('\0') || !value.isWellFormed()) plain = false;
  }
  const fits = plain && labels.name !== '' && canBeColumns([...names, labels.name]);
  return {
    labels,
    metric: labels.name,
    labelNames: fits ? names : null,
    shape: names.join('\0'),
    row,
    symbols,
    id: createHash('sha256').update(labels.key).digest().subarray(0, ID_BYTES).toString('base64url'),
  };
}

/** A label's value as the server's line input takes it. */
export function escapeSymbol(value: string): string {
  return value.replaceAll(/[ ,=\n\r\\]/g, String.raw`\$&`);
}
