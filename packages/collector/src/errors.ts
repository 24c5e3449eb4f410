/** Every way an operation of the collector may fail, mapped once to gRPC statuses and once to HTTP problems. */
export type ErrorCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'failed_precondition'
  | 'resource_exhausted'
  | 'out_of_space'
  | 'unavailable'
  | 'configuration'
  | 'locked'
  | 'internal';

/** An operating error: says what failed, which thing, and what to do. Programmer errors are asserts instead. */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError';
  readonly code: ErrorCode;
  /** Facts for logs and problem+json, never secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Wraps anything thrown; a PlimsollError passes through. */
  static from(error: unknown, code: ErrorCode = 'internal'): PlimsollError {
    if (error instanceof PlimsollError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new PlimsollError(code, message, { cause: error });
  }
}
