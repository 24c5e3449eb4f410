/** Exit codes of a start that failed for a reason the administrator can mend. */
const EXIT_CODES = { runtime: 1, locked: 75, configuration: 78 } as const;

/** The agent cannot start: the message says which thing is in the way and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;

  constructor(reason: keyof typeof EXIT_CODES, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = EXIT_CODES[reason];
  }
}
