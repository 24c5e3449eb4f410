/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  runtime: 1,
  usage: 2,
  /** The data directory is locked by another process (EX_TEMPFAIL). */
  locked: 75,
  /** The configuration is refused (EX_CONFIG). */
  configuration: 78,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  invalid_argument: EXIT.usage,
  locked: EXIT.locked,
  configuration: EXIT.configuration,
};

/** A command line that cannot be understood; its message says which part and how to write it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The exit code for what a command threw. Errors of the collector are known by their code, those of flags by their
 * name: the command line does not load the collector to tell them apart.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return EXIT.runtime;
  if (error.name === 'UsageError' || error.name === 'FlagError') return EXIT.usage;
  if (error.name === 'PlimsollError' && 'code' in error) return BY_CODE[String(error.code)] ?? EXIT.runtime;
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return EXIT.runtime;
}
