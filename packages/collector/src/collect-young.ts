import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Answers a function to be told of memory outside this thread's heap that was let go of; each time it adds up to
 * `everyBytes`, the young generation is collected, which takes about a millisecond. Buffers are no weight in the heap:
 * without this, hundreds of megabytes of dead ones wait for the few objects that would fill it.
 */
export function collectYoung(everyBytes: number): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let waiting = 0;
  return (bytes) => {
    waiting += bytes;
    if (waiting < everyBytes || typeof collect !== 'function') return;
    waiting = 0;
    collect({ type: 'minor' });
  };
}
