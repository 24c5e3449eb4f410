import { createHash } from 'node:crypto';
import { type Labels, METRIC_NAME } from '@plimsoll/promql';
import { MAX_ROWS_REMEMBERED } from './limits.ts';
import { canBeColumns, toColumnName } from './names.ts';

/** The labels of a row besides the metric's name. */
export interface RowLabels {
  readonly names: readonly string[];
  /** Equal for rows with the same label names. */
  readonly shape: string;
  /** As a line of the server's input shows them, ",name=value" each. */
  readonly symbols: string;
}

/** What writing a series' samples takes, worked out once. */
export interface DescribedSeries {
  readonly labels: Labels;
  readonly metric: string;
  /** Its name and labels could be columns of a wide table. */
  readonly fitsWide: boolean;
  /** One object for all series that differ in their metric only: with a time, a row of a wide table. */
  readonly row: RowLabels;
  /** What the shared table knows it by, in a line of the server's input: ",name=...,series=..." */
  readonly identity: string;
  /** When its labels were last written down. */
  listed: { readonly dayMs: number; readonly round: number } | null;
}

/** Bytes of a series id: among a billion label sets two have the same with a chance below one in ten billion. */
const ID_BYTES = 12;

/** Describes series, and remembers. */
export class SeriesDescriber {
  #known = new WeakMap<Labels, DescribedSeries>();
  readonly #rows = new Map<string, RowLabels>();

  describe(labels: Labels): DescribedSeries {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const made = this.#make(labels);
    this.#known.set(labels, made);
    return made;
  }

  #make(labels: Labels): DescribedSeries {
    const names: string[] = [];
    let key = '';
    let fits = labels.name !== '';
    for (const [name, value] of labels.entries()) {
      if (name === METRIC_NAME) continue;
      names.push(name);
      key += `${name}\0${value}\0`;
      // The server's input has no way to write NUL, and half a surrogate pair is no text.
      if (value.includes('\0') || !value.isWellFormed()) fits = false;
    }
    const hash = createHash('sha256').update(labels.key).digest();
    const id = hash.subarray(0, ID_BYTES).toString('base64url');
    const { name: metric } = labels;
    const isWritable = metric !== '' && !metric.includes('\0') && metric.isWellFormed();
    return {
      labels,
      metric,
      fitsWide: fits && canBeColumns([...names, labels.name]),
      row: this.#row(key, names, labels),
      identity: isWritable ? `,name=${escapeSymbol(metric)},series=${id}` : `,series=${id}`,
      listed: null,
    };
  }

  #row(key: string, names: readonly string[], labels: Labels): RowLabels {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (this.#rows.size >= MAX_ROWS_REMEMBERED) {
      this.#rows.clear();
      this.#known = new WeakMap();
    }
    const symbols = names.map((name) => `,${toColumnName(name)}=${escapeSymbol(labels.get(name))}`);
    const row = { names, shape: names.join('\0'), symbols: symbols.join('') };
    this.#rows.set(key, row);
    return row;
  }
}

/** A label's value as the server's line input takes it. */
function escapeSymbol(value: string): string {
  return value.replaceAll(/[ ,=\n\r\\]/g, String.raw`\$&`);
}
