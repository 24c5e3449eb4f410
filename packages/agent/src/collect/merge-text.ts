import { MetricType } from '@plimsoll/proto';
import type { Family, Series } from '../frame/series.ts';
import type { ParsedText } from './parse-text.ts';

/** The samples of several files as one collection. */
export interface MergedText {
  readonly samples: readonly { readonly key: string; readonly series: Series; readonly value: number }[];
  /** Which name in which file contradicts another file; undefined where none does. */
  readonly conflict: string | undefined;
}

interface Accepted {
  readonly parsed: ParsedText;
  readonly file: string;
  /** The families taken from this file. */
  readonly names: ReadonlySet<string>;
}

/**
 * Puts the files together; `undefined` stands for one that could not be read. Of two help texts for one name, or two
 * samples of one series, the first stands.
 */
export function mergeText(files: ReadonlyMap<string, ParsedText | undefined>): MergedText {
  const { accepted, families, conflict: helpConflict } = acceptFamilies(files);
  let conflict = helpConflict;
  const samples = new Map<string, { key: string; series: Series; value: number }>();
  for (const { parsed, file, names } of accepted) {
    for (const { name, family, labels, value } of parsed.samples) {
      const described = families.get(family);
      if (!names.has(family) || described === undefined) continue;
      const key = [name, ...labels].join('\0');
      if (samples.has(key)) conflict = `${name} in ${file}`;
      else samples.set(key, { key, series: { family: described, name, labels }, value });
    }
  }
  return { samples: [...samples.values()], conflict };
}

function acceptFamilies(files: ReadonlyMap<string, ParsedText | undefined>): {
  accepted: Accepted[];
  families: Map<string, Family>;
  conflict: string | undefined;
} {
  const helps = new Map<string, string>();
  const types = new Map<string, MetricType>();
  const sources = new Map<string, string[]>();
  const accepted: Accepted[] = [];
  let conflict: string | undefined;
  for (const [file, parsed] of files) {
    if (parsed === undefined) continue;
    const names = new Set<string>();
    for (const [name, { help, type }] of parsed.families) {
      const first = helps.get(name);
      if (help !== undefined && first !== undefined && first !== help) {
        conflict = `${name} in ${file}`;
        continue;
      }
      if (help !== undefined) helps.set(name, help);
      if (!types.has(name)) types.set(name, type);
      names.add(name);
      sources.set(name, [...(sources.get(name) ?? []), file]);
    }
    accepted.push({ parsed, file, names });
  }
  const families = new Map<string, Family>();
  for (const [name, readFrom] of sources) {
    const help = helps.get(name) ?? `Metric read from ${readFrom.join(', ')}`;
    families.set(name, { name, type: types.get(name) ?? MetricType.UNSPECIFIED, help });
  }
  return { accepted, families, conflict };
}
