import { formatBytes, formatNumber } from './format.ts';

/** Depth to which an inventory is unfolded; more is for the API. */
const maxDepth = 3;
const maxFacts = 60;

/** An inventory as named lines: `osDistro` becomes "OS distro", what ends in bytes is written as a size. */
export function factsOf(facts: Readonly<Record<string, unknown>> | null): (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [];
  collect(facts ?? {}, '', 0, lines);
  return lines.slice(0, maxFacts);
}

function collect(value: unknown, name: string, depth: number, lines: (readonly [string, string])[]): void {
  if (value === null || value === undefined || value === '') return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => collect(item, `${name} ${index + 1}`, depth + 1, lines));
  } else if (typeof value === 'object') {
    if (depth >= maxDepth) return;
    for (const [key, item] of Object.entries(value)) {
      collect(
        item,
        name === '' ? readable(key) : `${name}, ${readable(key).toLowerCase()}`,
        depth + 1,
        lines,
      );
    }
  } else {
    lines.push([name.replace(/ bytes$/i, ''), factText(name, value)]);
  }
}

function factText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const number = typeof value === 'number' ? value : Number.NaN;
  if (/\bbytes$/i.test(name) && Number.isFinite(number)) return formatBytes(number);
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

function readable(key: string): string {
  const text = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return (text.charAt(0).toUpperCase() + text.slice(1)).replace(/^(Os|Cpu)\b/, (short) =>
    short.toUpperCase(),
  );
}
