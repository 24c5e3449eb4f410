import type { Runtime } from '@plimsoll/collector';
import { pino } from 'pino';
import { Registry } from 'prom-client';

/** For one end of a transfer: it has metrics of its own, which nobody reads; what goes wrong is told in a line. */
export function newRuntime(): Runtime {
  const log = pino({ level: 'warn', base: null }, { write: tell });
  return { now: Date.now, log, metrics: new Registry() };
}

function tell(line: string): void {
  const { msg } = JSON.parse(line) as { readonly msg?: string };
  // Over the line of progress.
  const start = process.stderr.isTTY ? '\r\u001b[K' : '';
  process.stderr.write(`${start}warning: ${msg ?? line.trim()}\n`);
}
