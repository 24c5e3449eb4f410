import { formatBitsPerSecond, formatBytes, formatNumber } from './format.ts';
import { formatInstant } from './time.ts';

type Fact = readonly [string, string];

/** A host may have any number of disks and cards; the rest is for the API. */
const maxFacts = 60;

const unknown = 'unknown';

/** Fields whose name is not simply its words. */
const names: Readonly<Record<string, string>> = {
  os: 'operating system',
  osVersion: 'operating system version',
  cpuModel: 'CPU model',
  cpuCount: 'CPUs',
  mac: 'MAC',
  timezone: 'time zone',
};

/** What one of a list is called. */
const singular: Readonly<Record<string, string>> = {
  disks: 'Disk',
  networkInterfaces: 'Network interface',
};

/** Units that end a field's name and how such a value reads; none of them can be 0, so 0 is a value nobody knows. */
const units: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/Bytes$/, formatBytes],
  [/Bps$/, formatBitsPerSecond],
  [/Ms$/, formatInstant],
];

/** An inventory as lines for reading: a field is a line, and so is each disk and network interface with all its fields. */
export function factsOf(facts: Readonly<Record<string, unknown>> | null): Fact[] {
  return Object.entries(facts ?? {})
    .flatMap(([key, value]) => (isListOfParts(value) ? partLines(key, value) : fieldLine(key, value)))
    .slice(0, maxFacts);
}

type Part = Readonly<Record<string, unknown>>;

function isListOfParts(value: unknown): value is Part[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}

function partLines(key: string, parts: readonly Part[]): Fact[] {
  return parts.map(({ name, ...fields }, index) => {
    const told = Object.entries(fields).flatMap(([field, value]) => {
      const text = textOf(field, value);
      return text === null ? [] : `${nameOf(field)} ${text}`;
    });
    const which = typeof name === 'string' && name !== '' ? name : String(index + 1);
    return [`${singular[key] ?? capital(nameOf(key))} ${which}`, told.join(', ') || unknown];
  });
}

function fieldLine(key: string, value: unknown): Fact[] {
  const text = textOf(key, value);
  return text === null ? [] : [[capital(nameOf(key)), text]];
}

/** Null where nothing is said. */
function textOf(key: string, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(' ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return JSON.stringify(value);
  const format = units.find(([ending]) => ending.test(key))?.[1];
  if (!format) return formatNumber(value);
  return value > 0 ? format(value) : unknown;
}

/** `bootTimeMs` is "boot time": the unit is said with the value. */
function nameOf(key: string): string {
  return (
    names[key] ??
    key
      .replace(/(?<=[a-z])(?:Bytes|Bps|Ms)$/, '')
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replaceAll('_', ' ')
      .toLowerCase()
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
