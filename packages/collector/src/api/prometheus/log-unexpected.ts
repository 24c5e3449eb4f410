import { hasCode } from '../../has-code.ts';
import { PromqlError } from '@plimsoll/promql';
import type { Logger } from 'pino';
import { PlimsollError } from '../../errors.ts';
import { PrometheusError } from './prometheus-error.ts';

/** Logs what a request should never have thrown: everything else is the client's to read. */
export function logUnexpected(log: Logger, error: unknown, path: string): void {
  if (error instanceof PrometheusError || error instanceof PromqlError) return;
  // The client broke off while it sent its parameters.
  if (hasCode(error, 'ECONNRESET')) return;
  if (PlimsollError.from(error).code === 'internal') log.error({ err: error, path }, 'a query route failed');
}
