import { isTornTail } from '../../page-sums/torn-tail.ts';
import { type HeaderProblem, intactFrames } from './framing.ts';

/** A part of a file that is not as it was written, and that no crash has left so. */
export interface DamagedPart {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Whether what follows the last intact frame is more than a frame that a crash cut short. */
export function isDamagedTail(bytes: Uint8Array, end: number): boolean {
  return end < bytes.length && !isTornTail(bytes, end);
}

/** Whether a file is one of ours but for its header: the frames in it have checksums of their own. */
export function isDamagedHeader(bytes: Uint8Array, problem: HeaderProblem): boolean {
  return problem === 'foreign' && intactFrames(bytes).next().done !== true;
}
