import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CopyReport, copyTelemetry, loadConfig } from '@plimsoll/collector';
import { EXIT, UsageError } from '../exit-code.ts';
import {
  expectRequired,
  type Flag,
  helpText,
  type ParsedFlags,
  parseFlags,
  refusePositionals,
  textOf,
} from '../flags.ts';
import { interruption } from '../interruption.ts';
import { newRuntime } from '../storage-runtime.ts';
import { endpointOf, matchesOf, sourceFlags, text, TIME_NOTE, timeOf } from '../storage-flags.ts';
import { countText, TransferProgress } from '../storage-progress.ts';

export const storageCopyFlags: readonly Flag[] = [
  ...sourceFlags.slice(0, 1),
  {
    ...text('to', 'PATH|URL', 'Where to write.'),
    required: 'the storage path of a stopped collector, or an address such as http://127.0.0.1:9720',
  },
  ...sourceFlags.slice(1),
  text('to.token-file', 'FILE', 'A bearer token for the server to write to.'),
  text(
    'config.file',
    'FILE',
    'Configuration of the collector whose storage path is --to: how long it keeps samples, how many series.',
  ),
  text(
    'state',
    'FILE',
    'Where to remember how far the copy is. Empty: beside the target, or here where that is a server.',
  ),
  {
    name: 'verify',
    kind: 'switch',
    placeholder: '',
    default: true,
    help: 'Read both sides once more at the end and compare each sample.',
  },
];

const SUMMARY = `Copies telemetry: samples, labels, types and help texts. A copy that was interrupted goes on where it was when the same
command is given again; nothing is written twice. Samples the target has already stay as they are there.

  plimsoll storage copy --from http://prometheus:9090 --to ./data      import from a Prometheus, by remote read
  plimsoll storage copy --from ./data --to http://victoria:8428        to any server with remote write
  plimsoll storage copy --from ./data --to ./new --match '{env="prod"}'

A collector whose storage path is named must be stopped. ${TIME_NOTE}`;

/** `plimsoll storage copy`: exit code 1 when a sample is missing or differs in the end. */
export async function storageCopyCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(storageCopyFlags, args);
  if (parsed.help) {
    console.log(helpText('storage copy --from=A --to=B [FLAGS]', SUMMARY, storageCopyFlags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  expectRequired(storageCopyFlags, parsed);
  const flag = (name: string): string => textOf(storageCopyFlags, parsed, name);
  refuseSamePlace(flag('from'), flag('to'));
  const progress = new TransferProgress(process.stderr);
  const interrupted = interruption();
  const begunMs = performance.now();
  try {
    const report = await copyTelemetry(
      {
        from: await endpointOf(storageCopyFlags, parsed, 'from'),
        to: await endpointOf(storageCopyFlags, parsed, 'to'),
        matches: matchesOf(parsed),
        startMs: timeOf(storageCopyFlags, parsed, 'start'),
        endMs: timeOf(storageCopyFlags, parsed, 'end'),
        written: { start: flag('start'), end: flag('end') },
        stateFile: flag('state') || defaultStateFile(parsed),
        verify: parsed.given['verify'] !== false,
        limits: await limitsOf(flag('config.file')),
        runtime: newRuntime,
        onStep: (step) => progress.show(step),
      },
      interrupted,
    );
    progress.clear();
    return tell(report, (performance.now() - begunMs) / 1000);
  } catch (error) {
    progress.clear();
    if (!interrupted.aborted) throw error;
    console.error('plimsoll storage copy: interrupted; the same command goes on where it was');
    return EXIT.runtime;
  }
}

function refuseSamePlace(from: string, to: string): void {
  if (placeOf(from) === placeOf(to)) throw new UsageError(`--from and --to are the same: ${to}`);
}

function placeOf(address: string): string {
  return address.includes('://') ? address.replace(/\/+$/, '') : path.resolve(address.replace(/^dir:/, ''));
}

/** Known again by what was asked: the same command finds it, another one does not. */
function defaultStateFile(parsed: ParsedFlags): string {
  const asked = ['from', 'to', 'start', 'end'].map((name) => textOf(storageCopyFlags, parsed, name));
  const hash = createHash('sha256')
    .update(JSON.stringify([...asked, ...matchesOf(parsed)]))
    .digest('hex');
  const to = textOf(storageCopyFlags, parsed, 'to');
  const name = `storage-copy-${hash.slice(0, 12)}.json`;
  if (to.includes('://')) return `plimsoll-${name}`;
  return path.join(to.replace(/^dir:/, ''), name);
}

async function limitsOf(file: string) {
  const { storage, ingest } = (
    await loadConfig({
      flags: file === '' ? {} : { 'config.file': file },
      env: process.env,
      readFile: async (name) => readFile(name, 'utf8'),
    })
  ).file;
  return { ...storage, maxSeries: ingest.maxSeriesTotal };
}

/** Says what was done; answers the exit code. */
function tell(report: CopyReport, seconds: number): number {
  const { progress, verification, resumedAtMs } = report;
  const { samplesRead, samplesWritten, samplesPresent, samplesDifferent } = progress;
  if (resumedAtMs !== null) console.log(`went on at ${timeText(resumedAtMs)}, where it was interrupted`);
  const rate =
    resumedAtMs === null && seconds > 1 ? `, ${countText(Math.round(samplesRead / seconds))} samples/s` : '';
  console.log(
    `${timeText(report.startMs)} to ${timeText(report.endMs)}: ${countText(samplesRead)} samples read = ` +
      `${countText(samplesWritten)} written + ${countText(samplesPresent)} there already + ` +
      `${countText(samplesDifferent)} there with another value (${seconds.toFixed(1)} s${rate})`,
  );
  for (const remark of report.remarks) console.error(`note: ${remark}`);
  if (report.nothingFound !== null) {
    console.error(`warning: nothing was copied: ${report.nothingFound}`);
    return EXIT.ok;
  }
  if (verification === null) return samplesDifferent === 0 ? EXIT.ok : EXIT.runtime;
  const { samplesMissing, missing, different } = verification;
  if (samplesMissing + verification.samplesDifferent === 0) {
    console.log(`verified: all ${countText(verification.samplesRead)} samples are there, bit for bit`);
    return EXIT.ok;
  }
  for (const { labels, samples } of missing)
    console.error(`missing: ${countText(samples)} samples of ${labels}`);
  for (const { labels, timestampMs, wanted, found } of different)
    console.error(
      `differs: ${labels.toString()} at ${timeText(timestampMs)} is ${found} there, ${wanted} in the source`,
    );
  console.error(
    `plimsoll storage copy: of ${countText(verification.samplesRead)} samples ${countText(samplesMissing)} are missing and ` +
      `${countText(verification.samplesDifferent)} differ; the first are above. The same command copies what is missing.`,
  );
  return EXIT.runtime;
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
