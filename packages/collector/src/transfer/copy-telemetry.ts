import { parseSelector, type Matcher } from '@plimsoll/promql';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type CopyProgress, copySamples, NOTHING_COPIED } from './copy-samples.ts';
import { type CopyState, readCopyState, removeCopyState, writeCopyState } from './copy-state.ts';
import type { DirectoryLimits } from './directory-endpoint.ts';
import { type TransferSource, type TransferTarget, WriteRefusal } from './endpoint.ts';
import { type EndpointAddress, expectAddress } from './endpoint-address.ts';
import { nothingFound } from './nothing-found.ts';
import { openSource, openTarget } from './open-endpoint.ts';
import { type CopyVerification, verifyCopy } from './verify-copy.ts';

/** A part of a transfer that takes its time. */
export interface TransferStep {
  readonly name: 'copying' | 'verifying' | 'exporting';
  readonly startMs: number;
  readonly endMs: number;
  /** How far it is. */
  readonly atMs: number;
  readonly samples: number;
}

export interface CopyOptions {
  readonly from: EndpointAddress;
  readonly to: EndpointAddress;
  /** Selectors as written; none means every series. */
  readonly matches: readonly string[];
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** As written, to know the copy again. */
  readonly written: { readonly start: string; readonly end: string };
  readonly stateFile: string;
  readonly verify: boolean;
  readonly limits: DirectoryLimits;
  /** A runtime for each end: each has metrics of its own. */
  readonly runtime: () => Runtime;
  readonly onStep: (step: TransferStep) => void;
}

export interface CopyReport {
  readonly startMs: number;
  readonly endMs: number;
  /** The time an earlier run had come to; null where there was none. */
  readonly resumedAtMs: number | null;
  readonly progress: CopyProgress;
  /** Null where it was not wanted, or the target cannot be read back. */
  readonly verification: CopyVerification | null;
  readonly remarks: readonly string[];
  /** Where the source has nothing of what was asked: what that was, and what it has. */
  readonly nothingFound: string | null;
}

/**
 * Copies telemetry from one place to another, from where an earlier run of the same copy was interrupted.
 *
 * @throws PlimsollError 'invalid_argument' for what cannot be asked, 'not_found' without samples to copy, 'locked'
 * where a collector runs, 'failed_precondition' where a server does not take part, 'unavailable' where one is away.
 */
export async function copyTelemetry(options: CopyOptions, signal: AbortSignal): Promise<CopyReport> {
  const selectors = readSelectors(options.matches);
  expectAddress(options.from);
  expectAddress(options.to);
  await using source = await openSource(options.from, options.runtime());
  const remarks: string[] = [];
  let report: CopyReport;
  {
    await using target = await openTarget(options.to, options.runtime(), options.limits);
    const { state, resumed } = await prepare(options, source, target, remarks);
    await copyMetadata(source, target, remarks);
    const progress = await copyAll({ options, source, target, selectors, state, resumed }, signal).catch(
      (error: unknown) => {
        throw withWayOn(error, target.name);
      },
    );
    const verification = await verify({ options, source, target, selectors, state }, signal);
    if (options.verify && verification === null) {
      remarks.push(`${target.name} has no remote read: what it took was counted, not read back`);
    }
    const otherStarts = verification?.samplesWithOtherStart ?? 0;
    if (otherStarts > 0) {
      remarks.push(
        `${otherStarts} samples have no start timestamp in ${target.name}, or another one: Prometheus keeps them with --enable-feature=st-storage`,
      );
    }
    const resumedAtMs = resumed ? state.progress.nextMs : null;
    remarks.push(...source.remarks(), ...target.remarks());
    const { startMs, endMs } = state;
    const { matches } = options;
    const nothing =
      progress.samplesRead > 0
        ? null
        : await nothingFound(source, { matches, startMs, endMs }, options.runtime().now());
    report = { startMs, endMs, resumedAtMs, progress, verification, remarks, nothingFound: nothing };
  }
  await removeCopyState(options.stateFile);
  return report;
}

function withWayOn(error: unknown, name: string): unknown {
  if (!(error instanceof PlimsollError) || error.code !== 'out_of_space') return error;
  return new PlimsollError(
    'out_of_space',
    `${name} takes no more: ${error.message}; free some space, and give the same command to go on`,
    { cause: error },
  );
}

/** Reads selectors as people write them. Throws PlimsollError 'invalid_argument' with the place of a fault. */
export function readSelectors(matches: readonly string[]): readonly (readonly Matcher[])[] {
  if (matches.length === 0) return [[]];
  return matches.map((text) => {
    try {
      return parseSelector(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PlimsollError('invalid_argument', `--match '${text}' is no selector: ${reason}`, {
        cause: error,
      });
    }
  });
}

async function prepare(
  options: CopyOptions,
  source: TransferSource,
  target: TransferTarget,
  remarks: string[],
): Promise<{ readonly state: CopyState; readonly resumed: boolean }> {
  const { stateFile, from, to, matches, written } = options;
  const identity = { from: from.address, to: to.address, matches: [...matches], ...written };
  const known = await readCopyState(stateFile, identity);
  if (known !== null) return { state: known, resumed: true };
  const endMs = options.endMs ?? options.runtime().now() - source.settlesWithinMs;
  const startMs = await startOf(options, source, target, remarks);
  if (startMs > endMs) {
    throw new PlimsollError(
      'invalid_argument',
      `the time to copy begins behind its end: ${timeText(startMs)}`,
    );
  }
  const state = { identity, startMs, endMs, progress: { nextMs: startMs, ...NOTHING_COPIED } };
  await writeCopyState(stateFile, state);
  return { state, resumed: false };
}

async function startOf(
  { startMs: given }: CopyOptions,
  source: TransferSource,
  target: TransferTarget,
  remarks: string[],
): Promise<number> {
  const { keptFromMs } = target;
  const remedy =
    "raise storage.retention.time in its collector's configuration and name that file with --config.file";
  if (given !== null) {
    if (given >= keptFromMs) return given;
    throw new PlimsollError(
      'invalid_argument',
      `--start is ${timeText(given)} and ${target.name} keeps nothing before ${timeText(keptFromMs)}: ${remedy}, or begin later`,
    );
  }
  const oldestMs = await source.oldestMs();
  if (oldestMs === null) throw new PlimsollError('not_found', `${source.name} has no samples`);
  if (oldestMs >= keptFromMs) return oldestMs;
  remarks.push(
    `samples before ${timeText(keptFromMs)} were left out, ${target.name} would not keep them: to have them too, ${remedy}`,
  );
  return Math.ceil(keptFromMs);
}

async function copyMetadata(
  source: TransferSource,
  target: TransferTarget,
  remarks: string[],
): Promise<void> {
  try {
    await target.setMetadata(await source.metadata());
  } catch (error) {
    if (!(error instanceof WriteRefusal)) throw error;
    remarks.push(`${target.name} does not take types and help texts of metrics: ${error.message}`);
  }
}

interface Prepared {
  readonly options: CopyOptions;
  readonly source: TransferSource;
  readonly target: TransferTarget;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly state: CopyState;
}

async function copyAll(
  { options, source, target, selectors, state, resumed }: Prepared & { readonly resumed: boolean },
  signal: AbortSignal,
): Promise<CopyProgress> {
  const { startMs, endMs } = state;
  const task = {
    source,
    target,
    selectors,
    startMs,
    endMs,
    onBatch: ({ nextMs: atMs, samplesRead: samples }: CopyProgress) =>
      options.onStep({ name: 'copying', startMs, endMs, atMs, samples }),
    onWindow: async (progress: CopyProgress) => writeCopyState(options.stateFile, { ...state, progress }),
  };
  return copySamples(task, state.progress, resumed, signal);
}

async function verify(
  { options, source, target, selectors, state }: Prepared,
  signal: AbortSignal,
): Promise<CopyVerification | null> {
  const { readBack } = target;
  if (!options.verify || readBack === null) return null;
  const { startMs, endMs } = state;
  const onBatch = (atMs: number, samples: number): void =>
    options.onStep({ name: 'verifying', startMs, endMs, atMs, samples });
  return verifyCopy({ source, readBack, selectors, startMs, endMs, onBatch }, signal);
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
