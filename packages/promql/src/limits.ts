/** Samples one query may hold at a time: Prometheus' default, about 0.8 GB of columns. */
export const MAX_SAMPLES = 50_000_000;

/** Series one query may read, summed over its selectors: ten times the largest estate this is meant for. */
export const MAX_SERIES = 1_000_000;

/** Steps of a range query: Prometheus' limit, more than any screen has columns. */
export const MAX_STEPS = 11_000;

/** How far back an instant selector looks: Prometheus' default. */
export const DEFAULT_LOOKBACK_MS = 5 * 60_000;

/** The step of subqueries that give none: Prometheus' default evaluation interval. */
export const DEFAULT_SUBQUERY_STEP_MS = 60_000;
