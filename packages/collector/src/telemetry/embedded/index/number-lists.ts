/** Numbers a page holds; a longer list has a page of its own. */
const PAGE_LENGTH = 65_536;

/**
 * Lists of numbers that never change, side by side in pages: a list takes four bytes for each number and four for its
 * length, where an array of its own takes several times that. Grows without ever copying.
 */
export class NumberLists {
  readonly #pages: Uint32Array[] = [];
  /** The first number of the first page stays free, so that no list is at 0. */
  #used = 1;

  /** Puts a list aside. Returns where it is, never 0. */
  add(numbers: readonly number[]): number {
    const needed = numbers.length + 1;
    let page = this.#pages.at(-1);
    if (page === undefined || this.#used + needed > page.length) {
      const first = page === undefined ? 1 : 0;
      page = new Uint32Array(Math.max(PAGE_LENGTH, first + needed));
      this.#pages.push(page);
      this.#used = first;
    }
    const at = this.#used;
    page[at] = numbers.length;
    page.set(numbers, at + 1);
    this.#used += needed;
    return (this.#pages.length - 1) * PAGE_LENGTH + at;
  }

  /** The length of the list at a place. */
  length(place: number): number {
    return this.#page(place)[place % PAGE_LENGTH] ?? 0;
  }

  /** The number at an index of the list at a place. */
  get(place: number, index: number): number {
    return this.#page(place)[(place % PAGE_LENGTH) + 1 + index] ?? 0;
  }

  /** In a list of pairs, the second number of the pair with this first one; -1 without such a pair. */
  behind(place: number, first: number): number {
    const page = this.#page(place);
    const at = place % PAGE_LENGTH;
    const end = at + (page[at] ?? 0);
    for (let i = at + 1; i < end; i += 2) if (page[i] === first) return page[i + 1] ?? -1;
    return -1;
  }

  #page(place: number): Uint32Array {
    const page = this.#pages[Math.floor(place / PAGE_LENGTH)];
    if (page === undefined) throw new RangeError(`there is no list at ${place}`);
    return page;
  }
}
