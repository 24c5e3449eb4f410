/** What tells that an answer is over: sent, or its client gone. */
export interface Closing {
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** The longest a timer can run, milliseconds; longer ones would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs work for a request under a signal that aborts after `timeoutMs` (reason: a DOMException TimeoutError), or when
 * the client has gone. Its timer ends with the work: a busy server must not keep one for each past query.
 */
export async function withDeadline<T>(
  outgoing: Closing,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException('the query took too long', 'TimeoutError'));
  const leave = () => controller.abort(new DOMException('the client has gone', 'AbortError'));
  const timer = setTimeout(expire, Math.min(timeoutMs, MAX_TIMER_MS));
  if (timeoutMs <= 0) expire();
  outgoing.once('close', leave);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outgoing.off('close', leave);
  }
}
