import { readTimeline } from '../chunk/block-codec.ts';

/** Which frames rows come from. */
export interface FrameOrder {
  readonly epochs: Float64Array;
  readonly sequences: Float64Array;
}

/** Which frames a timeline's rows are of, decoded when somebody asks: only where runs overlap does it matter. */
export function frameOrder(timelineBytes: Uint8Array): () => FrameOrder {
  let order: FrameOrder | undefined;
  return () => (order ??= readTimeline(timelineBytes));
}
