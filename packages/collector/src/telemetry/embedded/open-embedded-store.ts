import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlimsollError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import type { MetricMetadata, TelemetryStore } from '../store.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { Head } from './head/head.ts';
import { SeriesIndex } from './index/series-index.ts';
import { recoverLog } from './recover-log.ts';
import { ReceivedRanges } from './received-ranges.ts';
import { readOrCreateIdentity } from './store-identity.ts';
import { DEFAULT_STORE_OPTIONS, type EmbeddedStoreOptions } from './store-options.ts';
import { startWriterInPlace, startWriterThread } from './writer/writer-port.ts';

/**
 * Opens the embedded telemetry store in a directory, creating it where it is missing, and recovers what was durable.
 *
 * @throws PlimsollError 'locked' where another process has the directory, 'unavailable' where it cannot be written,
 * 'configuration' where it holds something else or data of a newer version.
 */
export async function openEmbeddedStore(init: {
  path: string;
  runtime: Runtime;
  options?: Partial<EmbeddedStoreOptions>;
}): Promise<TelemetryStore> {
  const { path, runtime } = init;
  const options = { ...DEFAULT_STORE_OPTIONS, ...init.options };
  const logDirectory = join(path, 'log');
  createDirectory(logDirectory);
  const lock = lockDirectory(path);
  try {
    const { incarnation } = readOrCreateIdentity(path);
    const index = new SeriesIndex();
    const head = new Head();
    const received = new Map<string, ReceivedRanges>();
    const metadata = new Map<string, MetricMetadata>();
    const replayed = recoverLog(logDirectory, { index, head, received, metadata });
    if (replayed.tornBytes > 0) {
      runtime.log.info(
        { bytes: replayed.tornBytes },
        'the log ended within a group that nobody was told about',
      );
    }
    const writerOptions = { path, freeSpaceReserveBytes: options.freeSpaceReserveBytes };
    return new EmbeddedStore({
      runtime,
      options,
      incarnation,
      index,
      head,
      received,
      metadata,
      firstSegment: replayed.newestSegment + 1,
      logBytes: replayed.sizeBytes,
      lock,
      startWriter: (listener) =>
        options.writer === 'thread'
          ? startWriterThread(writerOptions, listener)
          : startWriterInPlace(writerOptions, options.writer.files, listener),
    });
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function createDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PlimsollError('unavailable', `${path} cannot be created: ${message}`, { cause: error });
  }
}
