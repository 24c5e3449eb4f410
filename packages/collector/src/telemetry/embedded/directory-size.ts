import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A measured size is good for this long: a metrics page asks for it several times. */
const MAX_AGE_MS = 2000;

/** Size of all files below a directory. */
export class DirectorySize {
  readonly #path: string;
  #bytes = 0;
  #measuredAtMs = -Infinity;

  constructor(path: string) {
    this.#path = path;
  }

  /** As measured lately. */
  bytes(): number {
    return performance.now() - this.#measuredAtMs > MAX_AGE_MS ? this.measure() : this.#bytes;
  }

  /** As it is now. */
  measure(): number {
    this.#bytes = sizeBelow(this.#path);
    this.#measuredAtMs = performance.now();
    return this.#bytes;
  }
}

/** A file that goes meanwhile counts as nothing. */
function sizeBelow(path: string): number {
  let bytes = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) bytes += sizeBelow(inner);
    else bytes += statSync(inner, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
