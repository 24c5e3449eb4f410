/** Choices drawn from a seeded generator of numbers in [0, 1). */
export class Dice {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Both bounds included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Words of a text, to keep tables of choices short. */
  word(words: string): string {
    return this.pick(words.trim().split(/\s+/));
  }

  /** Distinct items in their order, at most `most` of them. */
  some<T>(items: readonly T[], most: number): T[] {
    let wanted = this.integer(0, Math.min(most, items.length));
    return items.filter((_, index) => {
      const taken = this.chance(wanted / (items.length - index));
      if (taken) wanted--;
      return taken;
    });
  }

  /** One of the alternatives, in proportion to their weights. */
  weighted<T>(alternatives: readonly (readonly [weight: number, make: () => T])[]): T {
    let rest = this.#random() * alternatives.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of alternatives) {
      rest -= weight;
      if (rest < 0) return make();
    }
    throw new Error('no alternative given');
  }
}
