const units: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** A duration for reading, its two leading units: `3 d 4 h`, `12 min 5 s`, `0.4 s`. Takes seconds; the sign is kept. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  const sign = seconds < 0 ? '−' : '';
  const size = Math.abs(seconds);
  if (size < 1) return size === 0 ? '0 s' : `${sign}${formatSubSecond(size)}`;
  let rest = Math.round(size);
  const parts: string[] = [];
  for (const [name, length] of units) {
    const count = Math.floor(rest / length);
    if (count === 0 && parts.length === 0) continue;
    if (count > 0) parts.push(`${count} ${name}`);
    rest -= count * length;
    // A second unit only where it follows directly: `1 y 3 s` would claim a precision nobody needs.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return sign + parts.join(' ');
}

function formatSubSecond(seconds: number): string {
  if (seconds >= 0.1) return `${seconds.toFixed(1)} s`;
  if (seconds >= 0.001) return `${Math.round(seconds * 1000)} ms`;
  return `${Math.max(1, Math.round(seconds * 1e6))} µs`;
}

/** A countdown as on a clock, so that its width stays the same: `03:59:12`, with days in front when there are any. */
export function formatCountdown(seconds: number): string {
  const sign = seconds < 0 ? '−' : '';
  const total = Math.floor(Math.abs(seconds));
  const days = Math.floor(total / 86_400);
  const clock = [Math.floor((total % 86_400) / 3600), Math.floor((total % 3600) / 60), total % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${sign}${days > 0 ? `${days} d ` : ''}${clock}`;
}

/** Days until something happens, as rough as the knowledge is: `within the hour`, `9 days`, `5 weeks`, `8 months`. */
export function formatDaysAhead(days: number): string {
  if (days < 1 / 24) return 'within the hour';
  if (days < 1) return `${Math.round(days * 24)} h`;
  if (days < 1.05) return '1 day';
  if (days < 14) return `${trimZero(days.toFixed(days < 3 ? 1 : 0))} days`;
  if (days < 70) return `${Math.round(days / 7)} weeks`;
  return `${Math.round(days / 30.44)} months`;
}

const trimZero = (text: string) => text.replace(/\.0$/, '');
