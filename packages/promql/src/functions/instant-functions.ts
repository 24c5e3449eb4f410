import { BOUNDING_FUNCTIONS, FLOAT_FUNCTIONS } from './arithmetic.ts';
import { CONVERSION_FUNCTIONS } from './conversion.ts';
import { HISTOGRAM_FUNCTIONS } from './histogram-functions.ts';
import type { InstantFunction } from './instant-function.ts';
import { LABEL_FUNCTIONS } from './label-functions.ts';
import { SORT_FUNCTIONS } from './sort.ts';
import { TIME_FUNCTIONS } from './time.ts';

/** Every function that takes no range vector, but `info`. */
export const INSTANT_FUNCTIONS: ReadonlyMap<string, InstantFunction> = new Map(
  Object.entries({
    ...BOUNDING_FUNCTIONS,
    ...CONVERSION_FUNCTIONS,
    ...FLOAT_FUNCTIONS,
    ...HISTOGRAM_FUNCTIONS,
    ...LABEL_FUNCTIONS,
    ...SORT_FUNCTIONS,
    ...TIME_FUNCTIONS,
  }),
);
