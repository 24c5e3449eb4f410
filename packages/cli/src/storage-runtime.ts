import type { Runtime } from '@plimsoll/collector';
import { pino } from 'pino';
import { Registry } from 'prom-client';

/** For one end of a transfer: it has metrics of its own, which nobody reads; what goes wrong is told. */
export function newRuntime(): Runtime {
  const log = pino({ level: 'warn', base: null }, pino.destination({ dest: 2, sync: true }));
  return { now: Date.now, log, metrics: new Registry() };
}
