const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** A duration for reading, its two leading units: `3 h 12 min`. Takes seconds; the sign is dropped. */
export function durationText(seconds: number): string {
  let rest = Math.round(Math.abs(seconds));
  const parts: string[] = [];
  for (const [name, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${name}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(' ') || '0 s';
}

/** A time of the API without its fractions of a second: `2026-03-27 15:00:00 UTC`. */
export function timeText(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}

/** A name of the API as words: `root_cause_analysis` is "root cause analysis". */
export function nameText(name: string): string {
  return name.replaceAll('_', ' ');
}
