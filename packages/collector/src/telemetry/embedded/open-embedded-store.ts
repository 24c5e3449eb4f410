import { existsSync, readdirSync } from 'node:fs';
import type { Labels } from '@plimsoll/promql';
import { Gauge, type Registry } from 'prom-client';
import { PlimsollError } from '../../errors.ts';
import { isSetAside } from '../../page-sums/set-aside-name.ts';
import type { Runtime } from '../../runtime.ts';
import type { MetricMetadata, SeriesRef, TelemetryStore } from '../store.ts';
import { AgentSequences } from './agent-sequences.ts';
import { DayStore } from './day-store.ts';
import { Deletions } from './deletion/deletions.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedStore, type StoreCut } from './embedded-store.ts';
import { systemFiles } from './files.ts';
import { Head } from './head/head.ts';
import { requireIndex } from './index/require-index.ts';
import { IndexFile } from './index/index-file.ts';
import { SeriesIndex } from './index/series-index.ts';
import { logSegmentNumbers } from './log/log-segments.ts';
import { type LogReader, LogTail, newestSegment } from './log/log-tail.ts';
import { isFollowed, readSegmentOf } from './log/reader-state.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { recoverBlocks } from './recover-blocks.ts';
import { recoverLog } from './recover-log.ts';
import { setAsideDamaged } from './set-aside-damaged.ts';
import { readOrCreateIdentity } from './store-identity.ts';
import { DEFAULT_STORE_OPTIONS, type EmbeddedStoreOptions } from './store-options.ts';
import { RollupStore } from './rollup/rollup-store.ts';
import { type StorePaths, createDirectories, storePaths } from './store-paths.ts';
import { startWriterInPlace, startWriterThread } from './writer/writer-port.ts';

export interface EmbeddedTelemetryStore extends TelemetryStore {
  /**
   * Seals everything, rearranges it by series and drops the log, so that the directory is as small as it gets. The
   * store does the same by itself, later and in parts. Failures are logged and leave the data as it was.
   */
  compact(): Promise<void>;
  /**
   * Names the one who reads the log behind the writer; it tells what of the log and of the samples may be dropped.
   * Only for a store opened with `queueLimitBytes`.
   */
  follow(reader: LogReader): LogTail;
  /** Files of log and blocks that were found damaged when it was opened; others were set aside or are missing. */
  readonly damagedAtOpening: readonly string[];
  /** The time that the age of telemetry is told by: the wall clock's, unless that jumped ahead. */
  ageNow(): number;
  /** The labels behind a number, while the store has the series. */
  labelsOf(ref: SeriesRef): Labels | undefined;
  /** Has the store's files copied: until `copy` is done its index and days stay as they are, and no file of it goes. */
  backUp<T>(copy: (cut: StoreCut) => Promise<T>): Promise<T>;
}

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
}): Promise<EmbeddedTelemetryStore> {
  const { path, runtime } = init;
  const options = { ...DEFAULT_STORE_OPTIONS, ...init.options };
  const paths = storePaths(path);
  createDirectories(paths);
  const lock = lockDirectory(path);
  try {
    const { incarnation } = readOrCreateIdentity(path);
    // Whoever opens a directory that is forwarded from leaves the log for the one who forwards.
    const followed = options.queueLimitBytes !== null || isFollowed(path);
    const tail = followed ? new LogTail(paths, runtime.now) : null;
    const damagedIndex = requireIndex(paths, runtime.log);
    const missing = setAsideDamaged(paths, runtime);
    const recovered = recover(paths, options.readMemoryBytes);
    for (const { path: file, offset, bytes } of recovered.damaged) {
      runtime.log.error(
        { file },
        `${file} is damaged at byte ${offset}: ${bytes} bytes of it cannot be read, which may be telemetry that was acknowledged; run verify to see whose, and restore it from a backup`,
      );
    }
    countDamaged(runtime.metrics, paths, damagedIndex + missing + recovered.damaged.length);
    if (recovered.tornBytes > 0) {
      runtime.log.info(
        { bytes: recovered.tornBytes },
        'the log ended within a group that nobody was told about',
      );
    }
    const writerOptions = { path, freeSpaceReserveBytes: options.freeSpaceReserveBytes };
    return new EmbeddedStore({
      ...recovered,
      tail,
      runtime,
      options,
      path,
      incarnation,
      lock,
      startWriter: (listener) => {
        const { writer } = options;
        if (writer === 'thread') return startWriterThread(writerOptions, listener);
        if ('start' in writer) return writer.start(writerOptions, listener);
        return startWriterInPlace(writerOptions, writer.files, listener);
      },
    });
  } catch (error) {
    lock[Symbol.dispose]();
    if (error instanceof PlimsollError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const message = `the telemetry in ${path} cannot be opened: ${why}: look at its disk, run verify, or restore a backup`;
    throw new PlimsollError('unavailable', message, { cause: error, details: { path } });
  }
}

/** What was set aside counts until somebody removes it, whoever set it aside and when: what it has is missing. */
function countDamaged(registry: Registry, paths: StorePaths, others: number): void {
  let setAside = countSetAside(paths);
  const metric: Gauge = new Gauge({
    name: 'plimsoll_store_damaged_files',
    help: 'Files of the store that are damaged: days and rollups that were set aside and are still there, and what its opening or the daily scrub found.',
    registers: [registry],
    // The scrub adds to it what it finds.
    collect: () => {
      const before = setAside;
      setAside = countSetAside(paths);
      metric.inc(setAside - before);
    },
  });
  metric.set(setAside + others);
}

function countSetAside({ days, rollups }: StorePaths): number {
  const directories = [days, rollups].filter((directory) => existsSync(directory));
  return directories.flatMap((directory) => readdirSync(directory).filter(isSetAside)).length;
}

/** Reads the index, the blocks and the log, in this order: each tells what of the next is known already. */
function recover(paths: StorePaths, readMemoryBytes: number) {
  const index = new SeriesIndex();
  const head = new Head();
  const recent = new RecentBlocks(paths.blocks);
  const days = new DayStore(paths.days, readMemoryBytes / 2);
  const rollups = new RollupStore(paths.rollups);
  const deletions = new Deletions();
  const sequences = new AgentSequences();
  const metadata = new Map<string, MetricMetadata>();
  using file = new IndexFile(paths.root, systemFiles);
  file.load({
    series: (ref, labels) => index.add(labels, ref),
    gone: (ref) => index.reserve(ref),
    metadata: (family) => metadata.set(family.family, family),
    received: (agentId, ranges) => sequences.recovered(agentId, ranges),
    deleted: (deletion) => deletions.set(deletion),
  });
  const lastSegment = logSegmentNumbers(paths.log).at(-1) ?? 0;
  const blocks = recoverBlocks(paths.blocks, { head, recent }, lastSegment);
  // A block can be durable before the group that logs its last frames: those are here too.
  for (const [agentId, ranges] of blocks.sealed) sequences.recovered(agentId, ranges.ranges());
  const log = recoverLog(paths.log, { index, head, sequences, metadata }, blocks);
  // The labels of a series may have been in a damaged part of the log; its samples are not to become another's.
  for (const { refs } of [...head.sets(), ...recent.loose]) for (const ref of refs) index.reserve(ref);
  for (const { ref } of head.looseSeries()) index.reserve(ref);
  const oldestMs = Math.min(blocks.oldestMs, log.oldestMs, days.days[0] ?? Infinity);
  const newestMs = Math.max(blocks.newestMs, log.newestMs);
  return {
    index,
    head,
    recent,
    days,
    rollups,
    deletions,
    sequences,
    metadata,
    unindexed: { series: log.newSeries, metadata: log.newMetadata },
    times: {
      oldestMs: Number.isFinite(oldestMs) ? oldestMs : null,
      newestMs: Number.isFinite(newestMs) ? newestMs : null,
    },
    // Numbers never go back, not even when all segments are gone: the one who reads them knows its place by number.
    firstSegment: Math.max(newestSegment(paths), readSegmentOf(paths.root)) + 1,
    logBytes: log.sizeBytes,
    tornBytes: log.tornBytes,
    damaged: [...blocks.damaged, ...log.damaged],
  };
}
