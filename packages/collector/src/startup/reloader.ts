import { Gauge } from 'prom-client';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

/** Applies a changed configuration, and remembers how the newest attempt went. */
export interface Reloader {
  /** @throws PlimsollError('configuration') when it has an error; what runs stays as it was. */
  readonly reload: () => Promise<void>;
  readonly last: () => { readonly successful: boolean; readonly atMs: number; readonly error: string | null };
}

/**
 * Runs one reload at a time. `apply` must read and check everything before it changes anything.
 */
export function createReloader(runtime: Runtime, apply: () => Promise<void>): Reloader {
  const registers = [runtime.metrics];
  const successful = new Gauge({
    name: 'plimsoll_config_last_reload_successful',
    help: 'Whether the last reload of the configuration was taken.',
    registers,
  });
  const successAt = new Gauge({
    name: 'plimsoll_config_last_reload_success_timestamp_seconds',
    help: 'When a configuration was last taken.',
    registers,
  });
  let last: ReturnType<Reloader['last']> = { successful: true, atMs: runtime.now(), error: null };
  successful.set(1);
  successAt.set(last.atMs / 1000);
  let running: Promise<void> = Promise.resolve();
  const attempt = async (): Promise<void> => {
    const atMs = runtime.now();
    try {
      await apply();
      last = { successful: true, atMs, error: null };
      successAt.set(atMs / 1000);
      runtime.log.info('the configuration was reloaded');
    } catch (error) {
      const failure = PlimsollError.from(error);
      last = { successful: false, atMs, error: failure.message };
      runtime.log.error(
        { err: failure.message },
        'the configuration was not reloaded: the running one stays',
      );
      throw failure;
    } finally {
      successful.set(last.successful ? 1 : 0);
    }
  };
  return {
    async reload() {
      const next = running.then(attempt);
      running = next.catch(() => undefined);
      return next;
    },
    last: () => last,
  };
}
