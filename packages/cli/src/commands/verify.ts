import path from 'node:path';
import { faultText, type StorageVerification, verifyBackup, verifyStorage } from '@plimsoll/collector';
import { EXIT } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, refusePositionals, textOf } from '../flags.ts';
import { ProgressLine, sizeText } from '../progress-line.ts';
import { timeText } from '../words.ts';

const verifyFlags: readonly Flag[] = [
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: 'Storage path of the collector; it may be running.',
  },
  {
    name: 'backup',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: '',
    help: 'Verify this backup instead.',
  },
];

const SUMMARY =
  'Verifies what a collector has stored: the journal from its first event to its last, with the hash chain and the\n' +
  'signed heads beside it, and every file of telemetry, hosts, silences and queues by its checksums. Names each\n' +
  'damaged file and what of the data it touches. Reads only. Exit code 1 when something does not hold.';

/** `plimsoll verify`: exit code 0 when all is whole, 1 with every fault when it is not. */
export async function verifyCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(verifyFlags, args);
  if (parsed.help) {
    console.log(helpText('verify [FLAGS]', SUMMARY, verifyFlags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const backup = textOf(verifyFlags, parsed, 'backup');
  const progress = new ProgressLine();
  try {
    return backup === ''
      ? await verifyHere(path.resolve(textOf(verifyFlags, parsed, 'storage.path')), progress)
      : await verifyThere(path.resolve(backup), progress);
  } finally {
    progress.end();
  }
}

async function verifyHere(storagePath: string, progress: ProgressLine): Promise<number> {
  const startedMs = performance.now();
  const found = await verifyStorage(storagePath, ({ bytesDone, bytesTotal }) =>
    progress.show('verifying', bytesDone, bytesTotal),
  );
  progress.end();
  for (const note of found.notes) console.error(`note: ${note}`);
  return tell(found.faults.map(faultText), `${summaryOf(found)}, in ${secondsSince(startedMs)} s`);
}

async function verifyThere(directory: string, progress: ProgressLine): Promise<number> {
  const startedMs = performance.now();
  const { manifest, bytes, faults } = await verifyBackup(directory, ({ bytesDone, bytesTotal }) =>
    progress.show('verifying', bytesDone, bytesTotal),
  );
  progress.end();
  const what = `backup as of ${timeText(manifest.cutAt)}: ${manifest.files.length} files, ${sizeText(bytes)}`;
  return tell(faults, `${what}, ${manifest.journal.events} events, in ${secondsSince(startedMs)} s`);
}

function tell(faults: readonly string[], summary: string): number {
  for (const fault of faults) console.error(fault);
  if (faults.length === 0) {
    console.log(`whole: ${summary}`);
    return EXIT.ok;
  }
  console.log(`damaged: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${summary}`);
  return EXIT.runtime;
}

function summaryOf({ files, bytes, series, journal }: StorageVerification): string {
  const stored = `${files} files, ${sizeText(bytes)}, ${series} series in the index`;
  if (journal === null) return stored;
  const { events, redacted, heads, headHash } = journal;
  return `${events} events, ${redacted} of them redacted, ${heads} signed heads agree, head ${headHash ?? '-'}; ${stored}`;
}

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}
