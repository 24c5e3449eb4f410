import path from 'node:path';
import { restoreBackup } from '@plimsoll/collector';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, textOf } from '../flags.ts';
import { ProgressLine, sizeText } from '../progress-line.ts';
import { timeText } from '../words.ts';

const restoreFlags: readonly Flag[] = [
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: 'Where the data goes: new or empty.',
  },
];

const SUMMARY =
  'Checks every checksum of the backup in DIR, and makes a storage path from it. The collector that starts there takes\n' +
  'from the agents what they still have, journals what is lost as a gap, and pages nobody for the past. Exit code 1 when\n' +
  'something of it was damaged before the backup was taken: it is restored as it is, and named.';

/** `plimsoll restore DIR`. */
export async function restoreCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(restoreFlags, args);
  if (parsed.help) {
    console.log(helpText('restore DIR [FLAGS]', SUMMARY, restoreFlags));
    return EXIT.ok;
  }
  const [given, stranger] = parsed.positionals;
  if (given === undefined) throw new UsageError('DIR missing: plimsoll restore DIR');
  if (stranger !== undefined) throw new UsageError(`unexpected argument "${stranger}"; flags begin with --`);
  const storagePath = path.resolve(textOf(restoreFlags, parsed, 'storage.path'));
  const progress = new ProgressLine();
  try {
    const { manifest, mark, damages } = await restoreBackup({
      directory: path.resolve(given),
      storagePath,
      now: Date.now,
      onProgress: (stage, { bytesDone, bytesTotal }) => progress.show(stage, bytesDone, bytesTotal),
    });
    progress.end();
    const bytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    console.log(
      `restored ${sizeText(bytes)} and ${manifest.journal.events} events, as of ${timeText(manifest.cutAt)}, to ${storagePath}`,
    );
    if (mark.droppedMessages > 0)
      console.log(`${mark.droppedMessages} messages that waited then are not sent any more`);
    return tellDamages(damages);
  } finally {
    progress.end();
  }
}

/** What is restored is no worse than it was, and whoever waits for it is to know. */
function tellDamages(damages: readonly string[]): number {
  if (damages.length === 0) return EXIT.ok;
  for (const line of damages) console.error(line);
  console.error(
    `damaged: ${damages.length === 1 ? 'this was' : `these ${damages.length} were`} damaged before the backup was taken, and ` +
      'restored all the same: an earlier backup may have it whole',
  );
  return EXIT.runtime;
}
