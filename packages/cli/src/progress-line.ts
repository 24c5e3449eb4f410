/** Shows how far something is, on a terminal only: one line that is written over. */
export class ProgressLine {
  readonly #isShown: boolean;
  #shown = '';

  constructor(stream: { readonly isTTY?: boolean } = process.stderr) {
    this.#isShown = stream.isTTY === true;
  }

  show(what: string, done: number, total: number): void {
    const share = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
    const line = `${what} ${share} % of ${sizeText(total)}`;
    if (!this.#isShown || line === this.#shown) return;
    this.#shown = line;
    process.stderr.write(`\r\x1b[K${line}`);
  }

  end(): void {
    if (this.#shown !== '') process.stderr.write('\r\x1b[K');
    this.#shown = '';
  }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for reading: `12.3 MiB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
