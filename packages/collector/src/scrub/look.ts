/** What one look at a file found that is not as it was written. */
export interface Look {
  readonly badPages: readonly number[];
  readonly pageBytes: number;
  /** What else does not hold, in words. */
  readonly faults: readonly string[];
  /** False where the checksums changed meanwhile: what was found may be what was just written. */
  readonly isSteady: boolean;
}

export const CLEAN: Look = { badPages: [], pageBytes: 0, faults: [], isSteady: true };

export function isClean({ badPages, faults }: Look): boolean {
  return badPages.length === 0 && faults.length === 0;
}

/** What both of two looks found. */
export function inBoth(earlier: Look, later: Look): Look {
  const pages = new Set(later.badPages);
  return {
    ...later,
    badPages: earlier.badPages.filter((page) => pages.has(page)),
    faults: earlier.faults.filter((fault) => later.faults.includes(fault)),
  };
}
