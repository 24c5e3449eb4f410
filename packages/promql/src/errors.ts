/**
 * Why a query gave no answer. `parse`: it is not PromQL. `execution`: its data cannot be combined as asked. `limit`:
 * it would take more samples, series or time steps than allowed. `timeout` and `canceled`: it was stopped.
 */
export type PromqlErrorKind = 'parse' | 'execution' | 'limit' | 'timeout' | 'canceled';

/** A query that failed. `message` is Prometheus' wherever Prometheus has one. */
export class PromqlError extends Error {
  override readonly name: string = 'PromqlError';
  readonly kind: PromqlErrorKind;

  constructor(kind: PromqlErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Shorthand for an error of the data under evaluation. */
export function executionError(message: string): PromqlError {
  return new PromqlError('execution', message);
}
