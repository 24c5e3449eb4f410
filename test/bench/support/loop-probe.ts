// Loaded into the collector by NODE_OPTIONS=--import: measures how late its event loop runs. SIGUSR2 writes what was
// measured since the last time to $PLIMSOLL_LOOP_PROBE, as milliseconds.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 1;
const file = process.env['PLIMSOLL_LOOP_PROBE'];

const ms = (nanoseconds: number): number => nanoseconds / 1e6 - RESOLUTION_MS;

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('SIGUSR2', () => {
    const measured = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
    delay.reset();
    writeFileSync(`${file}.new`, JSON.stringify(measured));
    renameSync(`${file}.new`, file);
  });
}
