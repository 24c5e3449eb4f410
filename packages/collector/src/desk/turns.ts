/** Lets tasks of one key run one after the other, and those of different keys together. */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>();

  /** Keys with a task under way. */
  get size(): number {
    return this.#tails.size;
  }

  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Runs a task after those of the same key before it, whether they failed or not. */
  async run(key: string, task: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(key);
    const mine = before === undefined ? task() : before.then(task);
    const settled = mine.catch(() => {
      // Whoever waits for this task learns of its failure; the next of the key does not care.
    });
    this.#tails.set(key, settled);
    try {
      await mine;
    } finally {
      if (this.#tails.get(key) === settled) this.#tails.delete(key);
    }
  }
}
