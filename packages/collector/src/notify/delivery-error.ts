/**
 * An attempt that did not reach the receiver. `detail` is fit for logs: it never holds an address in full, a header or
 * a body. Errors that are not retryable would fail the same way for ever.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly retryable: boolean;
  /** How long the receiver asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(detail: string, options: { retryable: boolean; retryAfterMs?: number | undefined }) {
    super(detail);
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Anything else that was thrown is taken for a passing fault of the network; only its code is kept. */
  static from(error: unknown): DeliveryError {
    if (error instanceof DeliveryError) return error;
    return new DeliveryError(codeOf(error) ?? 'could not be sent', { retryable: true });
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timed out';
  // What fetch says of ports that belong to other protocols.
  if (error.message === 'bad port') return 'bad port: fetch refuses this one';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
