import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** The collector's effects, handed to every part: tests give a clock they turn, and a registry of their own. */
export interface Runtime {
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly log: Logger;
  /** Registry behind the collector's /metrics; each part registers its own metrics, all named plimsoll_*. */
  readonly metrics: Registry;
}
