import type { Dictionary } from '@plimsoll/proto';
import type { CollectedFrame } from '../frame/framer.ts';

/** A frame kept until it is settled, with the dictionary that defines its slots. */
export interface KeptFrame extends CollectedFrame {
  readonly dictionary: () => Dictionary;
}

/**
 * Frames between collection and acknowledgement. A frame waits, is in flight, and leaves when settled; a lost stream
 * turns all frames in flight back into waiting ones.
 */
export interface FrameSource {
  /** The oldest waiting frames, at most `limit`, which are in flight from now on. */
  take(limit: number): readonly KeptFrame[];
  /** Takes one frame out of turn, right after its collection. */
  claim(epoch: number, sequence: number): void;
  /** Lets go of the frames of an epoch from `first` to `last`, both included, wherever they are. */
  settle(epoch: number, first: number, last: number): void;
  /** The stream is lost: what was in flight waits again. */
  rewind(): void;
}
