import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { EXIT } from '../exit-code.ts';

/** `plimsoll version`. */
export async function versionCommand(): Promise<number> {
  console.log(`plimsoll ${PLIMSOLL_VERSION} (node ${process.versions.node})`);
  return EXIT.ok;
}
