import type { Closing } from '../with-deadline.ts';
import { JsonBuffer } from './json-buffer.ts';

/** Buffers of answers that were sent, for the next: one for each that is sent at the same time, and no large ones. */
const spare: JsonBuffer[] = [];
const MAX_SPARE_BUFFERS = 4;
const MAX_SPARE_BYTES = 2 * 1024 * 1024;

/** A buffer that is taken back when `outgoing` closes: its text has been sent then, or nobody wants it. */
export function borrowJsonBuffer(outgoing: Closing): JsonBuffer {
  const json = spare.pop() ?? new JsonBuffer();
  outgoing.once('close', () => {
    if (spare.length < MAX_SPARE_BUFFERS && json.capacity <= MAX_SPARE_BYTES) spare.push(json);
  });
  return json;
}
