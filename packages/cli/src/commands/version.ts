import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { EXIT } from '../exit-code.ts';
import { helpText, parseFlags } from '../flags.ts';

/** `plimsoll version`. */
export async function versionCommand(args: readonly string[]): Promise<number> {
  const { help } = await parseFlags([], args);
  if (help) console.log(helpText('version', 'Prints the version of Plimsoll and of Node.js.', []));
  else console.log(`plimsoll ${PLIMSOLL_VERSION} (node ${process.versions.node})`);
  return EXIT.ok;
}
