const UNITS = [
  { name: 'y', ms: 365 * 86_400_000, whole: true },
  { name: 'w', ms: 7 * 86_400_000, whole: true },
  { name: 'd', ms: 86_400_000, whole: false },
  { name: 'h', ms: 3_600_000, whole: false },
  { name: 'm', ms: 60_000, whole: false },
  { name: 's', ms: 1000, whole: false },
  { name: 'ms', ms: 1, whole: false },
] as const;

/** The longest duration Prometheus can hold: 2^63 nanoseconds. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

/** Thrown by `parseDuration`; the message is Prometheus'. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/**
 * Parses a duration such as `1h30m` into milliseconds. Units go from the largest to the smallest, each at most once.
 * Throws `DurationError`.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new DurationError('empty duration string');
  let totalMs = 0;
  let lastUnit = -1;
  for (let at = 0; at < text.length;) {
    const part = /^(\d+)(\D+)/.exec(text.slice(at));
    if (!part) throw invalid(text);
    const unit = UNITS.findIndex(({ name }) => name === part[2]);
    if (unit === -1) {
      throw new DurationError(`unknown unit ${JSON.stringify(part[2])} in duration ${JSON.stringify(text)}`);
    }
    if (unit <= lastUnit) throw invalid(text);
    lastUnit = unit;
    totalMs += Number(part[1]) * (UNITS[unit]?.ms ?? 0);
    if (totalMs > MAX_DURATION_MS) throw new DurationError('duration out of range');
    at += part[0].length;
  }
  return totalMs;
}

function invalid(text: string): DurationError {
  return new DurationError(`not a valid duration string: ${JSON.stringify(text)}`);
}

/** Writes whole milliseconds as Prometheus prints durations: `1h30m`, `0s`; years and weeks only where exact. */
export function formatDuration(durationMs: number): string {
  let rest = Math.trunc(durationMs);
  if (rest === 0) return '0s';
  let out = '';
  for (const { name, ms, whole } of UNITS) {
    if (whole && rest % ms !== 0) continue;
    const count = Math.floor(rest / ms);
    if (count === 0) continue;
    out += `${count}${name}`;
    rest -= count * ms;
  }
  return out;
}
