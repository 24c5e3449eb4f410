import { LOG_REPEAT_MS } from './limits.ts';

/** The part of a pino logger the agent uses, so that tests and simulated hosts bring their own. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LogLevel = keyof Log;

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/**
 * Writes lines in pino's format. The library itself costs the agent about 5 MiB of memory, for features (transports,
 * serialisers, redaction) that one process writing one line now and then does not need.
 */
export function createLog(level: LogLevel, write: (line: string) => void, bindings: object = {}): Log {
  const least = LEVELS[level];
  const at = (name: LogLevel) => (fields: object, message: string) => {
    if (LEVELS[name] < least) return;
    write(
      `${JSON.stringify({ level: LEVELS[name], time: Date.now(), ...bindings, ...plain(fields), msg: message })}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(fields: object): object {
  if (!('err' in fields)) return fields;
  const { err } = fields;
  return {
    ...fields,
    err: err instanceof Error ? { type: err.name, message: err.message, stack: err.stack } : err,
  };
}

/** Lets one message a minute through for each key and says how many were held back. */
export class LogLimit {
  readonly #now: () => number;
  readonly #seen = new Map<string, { readonly since: number; held: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined when this repeat is to be held back, else fields that say how many were since the last one. */
  pass(key: string): { suppressed?: number } | undefined {
    const now = this.#now();
    const last = this.#seen.get(key);
    if (last !== undefined && now - last.since < LOG_REPEAT_MS && now >= last.since) {
      last.held++;
      return undefined;
    }
    this.#seen.set(key, { since: now, held: 0 });
    return last === undefined || last.held === 0 ? {} : { suppressed: last.held };
  }
}
