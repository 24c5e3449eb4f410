/** Frames waiting for arrival evaluation, one a host: beyond it the oldest is left to the next tick and counted. */
export const MAX_WAITING_FRAMES = 20_000;

/** How long arrival evaluation may hold the event loop before it lets others run, milliseconds. */
export const ARRIVAL_SLICE_MS = 5;

/** A frame that waited longer than this is not worth slow queries any more, milliseconds: the next tick is near. */
export const STALE_FRAME_MS = 2_000;

/** The shortest and longest pause between two writings of `up`, milliseconds. */
export const MIN_UP_INTERVAL_MS = 1_000;
export const MAX_UP_INTERVAL_MS = 15_000;

/** Plans kept for frames of different shapes: beyond it they are made again, some hundred microseconds each. */
export const MAX_FRAME_SHAPES = 10_000;

/** For this long after a start, alerts are given what the last run knew of them, milliseconds: agents come back first. */
export const RESTORE_WINDOW_MS = 300_000;

/**
 * CPU that queries on arrival may take: milliseconds for each second, and for a burst. Rules over ranges cost a tenth of
 * a millisecond a host; beyond this share of a large estate they wait for their next tick, which is soon.
 */
export const ARRIVAL_QUERY_MS_PER_S = 1;
export const ARRIVAL_QUERY_BURST_MS = 20;

/** The longest a timer can wait, milliseconds: Node's timers count in 31 bits. A group of rarer ticks wakes in between. */
export const MAX_TIMER_MS = 2_147_483_647;
