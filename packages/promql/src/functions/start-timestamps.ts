/**
 * Whether a sample's start timestamp tells of a counter reset since the sample before. 0 stands for an unknown start;
 * a start equal to the sample's own time is an unknown one too, and one after it is invalid.
 */
export function isStartReset(
  previousStart: number,
  previousTime: number,
  start: number,
  time: number,
): boolean {
  if (previousStart === start || start === 0 || start >= time) return false;
  if (start !== previousTime) return start > previousTime;
  // The start is the previous sample: so it is for deltas, but also for counters of unknown start.
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/** Whether a sample's counter was reset after `after` and before the sample. */
export function isStartResetAfter(after: number, start: number, time: number): boolean {
  return start > after && time > after && isStartReset(after, after, start, time);
}

/** Whether a sample claims a start before its predecessor was taken that is not the predecessor's own. */
export function isStartOverlap(previousStart: number, previousTime: number, start: number): boolean {
  return start !== 0 && start < previousTime && start !== previousStart;
}
