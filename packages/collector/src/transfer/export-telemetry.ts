import { open, rename, rm } from 'node:fs/promises';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import type { Runtime } from '../runtime.ts';
import { readSelectors, type TransferStep } from './copy-telemetry.ts';
import type { TransferSource } from './endpoint.ts';
import { exportOpenMetrics } from './export-open-metrics.ts';
import { type LeftOut, remarksOn } from './left-out.ts';
import { type EndpointAddress, openSource } from './open-endpoint.ts';

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
  readonly runtime: () => Runtime;
  readonly onStep: (step: TransferStep) => void;
}

export interface ExportReport extends ExportCounts {
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
  readonly remarks: readonly string[];
}

/**
 * Writes the samples of a time range to a file.
 *
 * @throws PlimsollError 'invalid_argument' for what cannot be asked, 'not_found' without samples, 'locked' where a
 * collector runs, 'unavailable' where a server is away or the file cannot be written.
 */
export async function exportTelemetry(options: ExportOptions, signal: AbortSignal): Promise<ExportReport> {
  const selectors = readSelectors(options.matches);
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
    const counts = await write(source, { selectors, startMs, endMs }, output, signal);
    await file.sync();
    await rename(draft, options.file);
    const remarks = [...begun, ...source.remarks(), ...remarksOn(counts, options.format)];
    return { ...counts, startMs, endMs, bytes, remarks };
  } catch (error) {
    await rm(draft, { force: true });
    throw isFileError(error)
      ? new PlimsollError('unavailable', `cannot write ${options.file}: ${error.message}`, { cause: error })
      : error;
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
