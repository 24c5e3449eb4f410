/** Strings by number. Label sets repeat most of their text: each string is kept once. */
export class SymbolTable {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a string, or undefined. */
  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  text(number: number): string {
    return this.#texts[number] ?? '';
  }
}
