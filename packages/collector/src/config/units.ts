const DURATION_UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Powers of 1024 for KB and KiB alike: that is how Prometheus reads its sizes. */
const SIZE_UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];
const SIZE = /^(\d+(?:\.\d+)?)\s*(?:B|([KMGTP])i?B)$/i;

/** A duration in Prometheus' notation (`15m`, `1h30m`, `0`) as milliseconds; null when it is none. */
export function readDuration(text: string): number | null {
  if (text === '0') return 0;
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return null;
  const ms = DURATION_UNITS.reduce((sum, [, unitMs], i) => sum + Number(match[i + 1] ?? 0) * unitMs, 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Milliseconds in Prometheus' notation, in the largest units that give whole numbers: 5400000 is `1h30m`. */
export function writeDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = durationMs;
  let text = '';
  for (const [unit, unitMs] of DURATION_UNITS) {
    // Weeks and years only where nothing remains: 30 days read better than 4 weeks and 2 days.
    if ((unit === 'y' || unit === 'w') && rest % unitMs !== 0) continue;
    const count = Math.floor(rest / unitMs);
    if (count === 0) continue;
    text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}

/** A size such as `512MB` or `10GiB` as bytes; null when it is none. */
export function readSize(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (match === null) return null;
  const power = match[2] === undefined ? 0 : SIZE_UNITS.indexOf(match[2].toUpperCase());
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
