const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Go's time.Duration counts nanoseconds in 63 bits: longer durations are refused as Prometheus refuses them. */
const MAX_MS = 9_223_372_036_854;

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration as Prometheus' configuration writes it: `0`, `1h30m`, `2d`; milliseconds.
 * @throws Error with Prometheus' message
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new Error('empty duration string');
  const match = DURATION.exec(text);
  if (!match) throw new Error(`not a valid duration string: ${JSON.stringify(text)}`);
  const ms = UNITS.reduce((sum, [, unitMs], i) => sum + Number(match[i + 1] ?? 0) * unitMs, 0);
  if (ms > MAX_MS) throw new Error('duration out of range');
  return ms;
}

/** Writes a duration as Prometheus does, weeks and years only where they divide it: 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (exactOnly && rest % unitMs !== 0) continue;
    const count = Math.trunc(rest / unitMs);
    if (count === 0) continue;
    text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}
