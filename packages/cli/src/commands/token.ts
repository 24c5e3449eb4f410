import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, textOf } from '../flags.ts';
import { ClientError } from '../client.ts';

const TOKEN_FILE = 'admin-token';

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
  const file = path.resolve(textOf(tokenFlags, parsed, 'storage.path'), TOKEN_FILE);
  console.log(parsed.given['path'] === true ? file : await readToken(file));
  return EXIT.ok;
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError(
      `no token there (${why}): the collector makes it at its first start; see --storage.path`,
      {
        cause: error,
      },
    );
  }
}
