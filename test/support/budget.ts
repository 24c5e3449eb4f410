/** Whether full counts were asked for (`npm run test:long`). */
export const long: boolean = process.env['PLIMSOLL_TEST_LONG'] === '1';

/** A count that is small in `npm test` and full in `npm run test:long`. */
export function budget(counts: { short: number; long: number }): number {
  return long ? counts.long : counts.short;
}

/** The seed of this run, from PLIMSOLL_SEED or the clock, printed so that a failure can be repeated. */
export function seedOf(suite: string): number {
  const given = process.env['PLIMSOLL_SEED'];
  const seed = given === undefined ? Date.now() % 1_000_000_007 : Number(given);
  console.log(`${suite}: seed ${seed} (repeat with PLIMSOLL_SEED=${seed})`);
  return seed;
}

/** A small seeded generator (mulberry32): numbers in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
