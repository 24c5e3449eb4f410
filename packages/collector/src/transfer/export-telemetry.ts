import { statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import type { Runtime } from '../runtime.ts';
import { readSelectors, type TransferStep } from './copy-telemetry.ts';
import type { TransferSource } from './endpoint.ts';
import { exportOpenMetrics } from './export-open-metrics.ts';
import { type LeftOut, remarksOn } from './left-out.ts';
import type { EndpointAddress } from './endpoint-address.ts';
import { nothingFound } from './nothing-found.ts';
import { openSource } from './open-endpoint.ts';

/** Where an export goes. */
export interface ExportOutput {
  /** Resolves when more may come; the bytes may be used again then. */
  write(bytes: Uint8Array): Promise<void>;
  /** Told after each part of the work. */
  onPart(done: number, parts: number, samples: number): void;
}

export interface ExportCounts extends Readonly<LeftOut> {
  readonly samples: number;
  readonly series: number;
}

export interface ExportOptions {
  readonly from: EndpointAddress;
  readonly matches: readonly string[];
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly format: 'openmetrics' | 'parquet';
  /** Written beside and renamed when it is complete. */
  readonly file: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite: boolean;
  readonly runtime: () => Runtime;
  readonly onStep: (step: TransferStep) => void;
}

export interface ExportReport extends ExportCounts {
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
  readonly remarks: readonly string[];
  /** Where the source has nothing of what was asked: what that was, and what it has; the file is empty then. */
  readonly nothingFound: string | null;
}

/**
 * Writes the samples of a time range to a file.
 *
 * @throws PlimsollError 'invalid_argument' for what cannot be asked, 'already_exists' for a file that is not to be
 * replaced, 'not_found' without samples, 'locked' where a collector runs, 'unavailable' where a server is away or the
 * file cannot be written.
 */
export async function exportTelemetry(options: ExportOptions, signal: AbortSignal): Promise<ExportReport> {
  const selectors = readSelectors(options.matches);
  expectWritable(options);
  await using source = await openSource(options.from, options.runtime());
  const startMs = options.startMs ?? (await oldestOf(source));
  const endMs = options.endMs ?? options.runtime().now() - source.settlesWithinMs;
  if (startMs > endMs) throw new PlimsollError('invalid_argument', '--start is behind --end');
  // Its writer is loaded for who wants it.
  const write =
    options.format === 'parquet' ? (await import('./export-parquet.ts')).exportParquet : exportOpenMetrics;
  const draft = `${options.file}.partial`;
  const begun = isThere(draft)
    ? [`an earlier export to ${options.file} was interrupted: this one started anew`]
    : [];
  try {
    let bytes = 0;
    await using file = await open(draft, 'w');
    const output: ExportOutput = {
      async write(piece) {
        bytes += piece.length;
        await file.writeFile(piece);
      },
      onPart(done, parts, samples) {
        const atMs = startMs + ((endMs - startMs) * done) / parts;
        options.onStep({ name: 'exporting', startMs, endMs, atMs, samples });
      },
    };
    output.onPart(0, 1, 0);
    const counts = await write(source, { selectors, startMs, endMs }, output, signal);
    await file.sync();
    await rename(draft, options.file);
    const remarks = [...begun, ...source.remarks(), ...remarksOn(counts, options.format)];
    const { matches } = options;
    const isNothing = counts.samples + counts.staleMarkers + counts.histograms === 0;
    const nothing = isNothing
      ? await nothingFound(source, { matches, startMs, endMs }, options.runtime().now())
      : null;
    return { ...counts, startMs, endMs, bytes, remarks, nothingFound: nothing };
  } catch (error) {
    await rm(draft, { force: true });
    throw isFileError(error)
      ? new PlimsollError('unavailable', `cannot write ${options.file}: ${error.message}`, { cause: error })
      : error;
  }
}

/** Before anything is read: an export may take hours. */
function expectWritable({ file, overwrite }: Pick<ExportOptions, 'file' | 'overwrite'>): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    throw new PlimsollError('invalid_argument', `${file} is a directory: name a file in it with --output`);
  }
  if (found !== undefined && !overwrite) {
    throw new PlimsollError(
      'already_exists',
      `${file} is there already: name another file with --output, or replace it with --overwrite`,
    );
  }
  const directory = path.dirname(path.resolve(file));
  if (!isThere(directory)) {
    throw new PlimsollError(
      'not_found',
      `there is no directory ${directory} to write ${file} into: make it first`,
    );
  }
}

async function oldestOf(source: TransferSource): Promise<number> {
  const oldestMs = await source.oldestMs();
  if (oldestMs === null) throw new PlimsollError('not_found', `${source.name} has no samples`);
  return oldestMs;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
