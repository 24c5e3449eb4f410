import { formatDuration } from './duration.ts';

export type Unit = 'ratio' | 'bytes' | 'bytesPerSecond' | 'seconds' | 'count' | 'perSecond';

export const noValue = '–';

/** A value with its unit, in as few figures as tell the difference: `42.1 %`, `1.5 GiB`, `12.3 MiB/s`. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return noValue;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return formatters[unit](value);
}

const formatters: Readonly<Record<Unit, (value: number) => string>> = {
  ratio: formatPercent,
  bytes: formatBytes,
  bytesPerSecond: (value) => `${formatBytes(value)}/s`,
  seconds: formatDuration,
  perSecond: (value) => `${formatNumber(value)}/s`,
  count: formatNumber,
};

/** A share 0..1 as percent. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  const size = Math.abs(percent);
  const digits = size >= 99.95 || size === 0 ? 0 : size < 0.1 ? 2 : 1;
  return `${minus(percent.toFixed(digits))} %`;
}

/** A value at an axis, with no more decimals than the step between two of them needs. */
export function formatTick(value: number, unit: Unit, step: number): string {
  if (unit !== 'ratio') return formatValue(value, unit);
  const digits = Math.max(0, Math.ceil(-Math.log10(step * 100) - 1e-9));
  return `${minus((value * 100).toFixed(digits))} %`;
}

/** A probability in whole percent; nothing a model says is certain. */
export function formatChance(probability: number): string {
  if (probability < 0.01) return 'under 1 %';
  if (probability > 0.99) return 'over 99 %';
  return `${Math.round(probability * 100)} %`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Bytes in powers of 1024. */
export function formatBytes(bytes: number): string {
  let size = Math.abs(bytes);
  let index = 0;
  while (size >= 1023.95 && index < byteUnits.length - 1) {
    size /= 1024;
    index += 1;
  }
  const digits = index === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const text = size.toFixed(digits).replace(/\.0+$/, '');
  return `${bytes < 0 ? '−' : ''}${text} ${byteUnits[index] ?? 'B'}`;
}

const bitUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/** A line speed, in powers of 1000 as networks are sold. */
export function formatBitsPerSecond(speed: number): string {
  let size = speed;
  let index = 0;
  while (size >= 1000 && index < bitUnits.length - 1) {
    size /= 1000;
    index += 1;
  }
  return `${formatNumber(size)} ${bitUnits[index] ?? 'bit/s'}`;
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A plain number: whole ones grouped, fractions to three significant figures. */
export function formatNumber(value: number): string {
  const formatter = Number.isInteger(value) || Math.abs(value) >= 1000 ? grouped : significant;
  return minus(formatter.format(value));
}

/** `1 host`, `3 hosts`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** A template as a sentence: `{{ $labels.instance }}` stands for whatever instance it will be. */
export function readableTemplate(template: string): string {
  return template.replaceAll(/\{\{[^}]*?\$(?:labels\.)?(\w+)[^}]*\}\}/g, '‹$1›');
}

/** A message as a sentence: with a capital unless it begins with a name, and a full stop unless it has its own mark. */
export function sentence(text: string): string {
  const begun = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** A word of the API (`root_cause_analysis`) as words. */
export function words(code: string): string {
  const text = code.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const minus = (text: string) => text.replace('-', '−');
