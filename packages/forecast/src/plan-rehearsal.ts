/** How a forecast is rehearsed inside the history. */
export interface Rehearsal {
  /** Ascending; every one is followed by `horizon` known values. */
  readonly origins: readonly number[];
  readonly horizon: number;
}

/** More origins make intervals steadier and cost a forecast of every member each. */
const ORIGINS = 8;
/** The part of the history that is never rehearsed on: models need something to learn from. */
const LEARNING = 1 / 3;

/**
 * The rolling origins of a history: up to eight, a season apart, the last one a horizon before the end. Short histories
 * are rehearsed over a shorter horizon; those of fewer than four values not at all.
 */
export function planRehearsal(length: number, horizon: number, season: number): Rehearsal {
  if (length < 4) return { origins: [], horizon: 0 };
  const rehearsed = Math.max(1, Math.min(horizon, Math.floor(length / 4)));
  const last = length - rehearsed;
  const first = Math.max(2, Math.ceil(length * LEARNING));
  const stride = Math.max(1, Math.min(season, Math.floor((last - first) / ORIGINS)));
  const count = Math.min(ORIGINS, Math.floor((last - first) / stride) + 1);
  const origins = Array.from({ length: count }, (_, i) => last - (count - 1 - i) * stride);
  return { origins, horizon: rehearsed };
}
