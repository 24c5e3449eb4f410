import { type ExportReport, exportTelemetry } from '@plimsoll/collector';
import { EXIT, UsageError } from '../exit-code.ts';
import { expectRequired, type Flag, helpText, parseFlags, refusePositionals, textOf } from '../flags.ts';
import { interruption } from '../interruption.ts';
import { newRuntime } from '../storage-runtime.ts';
import { endpointOf, matchesOf, sourceFlags, text, TIME_NOTE, timeOf } from '../storage-flags.ts';
import { countText, TransferProgress } from '../storage-progress.ts';

const FORMATS = ['openmetrics', 'parquet'] as const;

export const storageExportFlags: readonly Flag[] = [
  ...sourceFlags.slice(0, 1),
  { ...text('output', 'FILE', 'The file to write.'), required: 'the file to write, such as history.parquet' },
  {
    ...text(
      'format',
      'FORMAT',
      `${FORMATS.join(' or ')}. Empty: by the end of the file's name, .parquet or another.`,
    ),
    choices: FORMATS,
  },
  {
    name: 'overwrite',
    kind: 'switch',
    placeholder: '',
    default: false,
    help: 'Replace the file where it is there already, once the new one is complete.',
  },
  ...sourceFlags.slice(1),
];

const SUMMARY = `Writes telemetry to a file.

  openmetrics  text that Prometheus reads: promtool tsdb create-blocks-from openmetrics FILE DIRECTORY
  parquet      a table for DuckDB, pandas, Polars or Spark: a row a sample with the columns timestamp, metric, value, and
               one for each label

Stale markers, which say that a series ended, have no word in these formats and are left out. ${TIME_NOTE}`;

/** `plimsoll storage export`. */
export async function storageExportCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(storageExportFlags, args);
  if (parsed.help) {
    console.log(helpText('storage export --from=A --output=FILE [FLAGS]', SUMMARY, storageExportFlags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  expectRequired(storageExportFlags, parsed);
  const flag = (name: string): string => textOf(storageExportFlags, parsed, name);
  const progress = new TransferProgress(process.stderr);
  const interrupted = interruption();
  const begunMs = performance.now();
  try {
    const report = await exportTelemetry(
      {
        from: await endpointOf(storageExportFlags, parsed, 'from'),
        matches: matchesOf(parsed),
        startMs: timeOf(storageExportFlags, parsed, 'start'),
        endMs: timeOf(storageExportFlags, parsed, 'end'),
        format: formatOf(flag('format'), flag('output')),
        file: flag('output'),
        overwrite: parsed.given['overwrite'] === true,
        runtime: newRuntime,
        onStep: (step) => progress.show(step),
      },
      interrupted,
    );
    progress.clear();
    tell(report, flag('output'), (performance.now() - begunMs) / 1000);
    return EXIT.ok;
  } catch (error) {
    progress.clear();
    if (!interrupted.aborted) throw error;
    console.error('plimsoll storage export: interrupted; nothing was written');
    return EXIT.runtime;
  }
}

function formatOf(given: string, file: string): (typeof FORMATS)[number] {
  const format = given === '' ? (file.endsWith('.parquet') ? 'parquet' : 'openmetrics') : given;
  const known = FORMATS.find((candidate) => candidate === format);
  if (known === undefined) throw new UsageError(`--format "${given}" is not one of: ${FORMATS.join(', ')}`);
  return known;
}

function tell(report: ExportReport, file: string, seconds: number): void {
  const { samples, series, staleMarkers, bytes, startMs, endMs } = report;
  const [start, end] = [startMs, endMs].map((timeMs) => new Date(timeMs).toISOString());
  console.log(
    `${file}: ${countText(samples)} samples of ${countText(series)} series from ${start} to ${end}, ` +
      `${countText(bytes)} bytes (${seconds.toFixed(1)} s)`,
  );
  if (staleMarkers > 0) console.error(`note: ${countText(staleMarkers)} stale markers were left out`);
  for (const remark of report.remarks) console.error(`note: ${remark}`);
  if (report.nothingFound !== null)
    console.error(`warning: nothing was exported, ${file} is empty: ${report.nothingFound}`);
}
