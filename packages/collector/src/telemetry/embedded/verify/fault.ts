/** Something on the disk that is not as it was written. */
export interface Fault {
  /** Below the directory that was verified, with forward slashes. */
  readonly file: string;
  readonly what: string;
  /** What of the data it touches, as far as can be told; null where nothing. */
  readonly affected: string | null;
}

export function faultText({ file, what, affected }: Fault): string {
  return `${file}: ${what}${affected === null ? '' : `; affected: ${affected}`}`;
}

export interface Progress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Names of a few, and how many there are beside them. */
export function someOf(names: Iterable<string>, limit = 3): string {
  const all = [...new Set(names)].toSorted();
  const rest = all.length - limit;
  return all.slice(0, limit).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** A stretch of time for reading. */
export function spanText(fromMs: number, toMs: number): string {
  return fromMs === toMs ? iso(fromMs) : `${iso(fromMs)} to ${iso(toMs)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
