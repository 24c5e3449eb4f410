/** What a signal does to a running program. */
export interface SignalHandlers {
  readonly onReload: () => void;
  /** Ends the program gracefully. */
  readonly stop: () => Promise<void>;
  /** Ends the program by itself, with its exit code: a part could not go on. */
  readonly failed?: Promise<number>;
}

/** How long a graceful end may take before the process ends all the same, milliseconds. */
const STOP_LIMIT_MS = 15_000;

/**
 * Stays until SIGTERM or SIGINT, then stops gracefully; a second signal ends the process at once. SIGHUP reloads.
 * Answers the exit code.
 */
export async function runUntilSignal(handlers: SignalHandlers): Promise<number> {
  const code = await new Promise<number>((resolve) => {
    let asked = false;
    const end = (): void => {
      if (asked) endAtOnce();
      asked = true;
      resolve(0);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    process.on('SIGHUP', handlers.onReload);
    handlers.failed?.then(resolve, () => resolve(1));
  });
  const limit = setTimeout(endAtOnce, STOP_LIMIT_MS);
  await handlers.stop();
  clearTimeout(limit);
  return code;
}

/**
 * As a crash would: an orderly exit closes databases in the middle of their work, which copies their logs back without
 * the checksums that `verify` looks for.
 */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}
