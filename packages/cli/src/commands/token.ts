import { adminTokenFile, readAdminToken } from '../admin-token.ts';
import { EXIT } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, textOf } from '../flags.ts';

const tokenFlags: readonly Flag[] = [
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: "Storage path of this machine's collector.",
  },
  {
    name: 'path',
    kind: 'switch',
    placeholder: '',
    default: false,
    help: "Print the token file's path instead.",
  },
];

/** `plimsoll token`: prints the local admin token, for "Authorization: Bearer". */
export async function tokenCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(tokenFlags, args);
  if (parsed.help) {
    console.log(
      helpText(
        'token [FLAGS]',
        'Prints the local admin token: reload and other administration ask for it as "Authorization: Bearer TOKEN".',
        tokenFlags,
      ),
    );
    return EXIT.ok;
  }
  const storagePath = textOf(tokenFlags, parsed, 'storage.path');
  const isPath = parsed.given['path'] === true;
  console.log(isPath ? adminTokenFile(storagePath) : await readAdminToken(storagePath));
  return EXIT.ok;
}
