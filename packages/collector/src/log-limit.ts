import type { Runtime } from './runtime.ts';

/** Subjects remembered at once; beyond it the oldest is forgotten and may log again early. */
const MAX_SUBJECTS = 1000;

/**
 * A warning logger that writes once per subject and interval; the next line says how many were suppressed.
 */
export function limitRepeats(
  runtime: Pick<Runtime, 'log' | 'now'>,
  intervalMs: number,
): (subject: string, fields: object, message: string) => void {
  const seen = new Map<string, { atMs: number; suppressed: number }>();
  return (subject, fields, message) => {
    const nowMs = runtime.now();
    const earlier = seen.get(subject);
    // A clock that was put back does not keep a subject silent until it has caught up.
    if (earlier !== undefined && Math.abs(nowMs - earlier.atMs) < intervalMs) {
      earlier.suppressed++;
      return;
    }
    const suppressed = earlier?.suppressed ?? 0;
    runtime.log.warn(suppressed === 0 ? fields : { ...fields, suppressed }, message);
    seen.delete(subject);
    seen.set(subject, { atMs: nowMs, suppressed: 0 });
    if (seen.size > MAX_SUBJECTS) seen.delete(seen.keys().next().value ?? '');
  };
}
