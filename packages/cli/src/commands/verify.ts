import { existsSync } from 'node:fs';
import path from 'node:path';
import { verifyJournal } from '@plimsoll/collector';
import { EXIT } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, refusePositionals, textOf } from '../flags.ts';

const verifyFlags: readonly Flag[] = [
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: 'Storage path of the collector; it may be running.',
  },
];

/** `plimsoll verify`: exit code 0 when the journal is whole, 1 with every fault when it is not. */
export async function verifyCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(verifyFlags, args);
  if (parsed.help) {
    const summary =
      'Verifies the journal from its first event to its last: positions, versions, payloads, the hash chain and the\n' +
      'signed heads beside it. Reads only.';
    console.log(helpText('verify [FLAGS]', summary, verifyFlags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const storagePath = path.resolve(textOf(verifyFlags, parsed, 'storage.path'));
  const directory = path.join(storagePath, 'desk');
  if (!existsSync(path.join(directory, 'journal.db')))
    throw new Error(
      `there is no journal in ${storagePath}: --storage.path names where a collector keeps its data`,
    );
  const { events, redacted, heads, headHash, faults } = await verifyJournal(directory);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return EXIT.runtime;
  console.log(
    `whole: ${events} events, ${redacted} of them redacted, ${heads} signed heads agree; head ${headHash ?? '-'}`,
  );
  return EXIT.ok;
}
