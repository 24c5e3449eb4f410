/**
 * The greater of two numbers as Go has it: an infinity that decides the matter does so against NaN as well.
 */
export function greaterOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** The lesser of two numbers, see `greaterOf`. */
export function lesserOf(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}
