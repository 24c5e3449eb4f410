import { readFile } from 'node:fs/promises';
import { EXIT } from '../exit-code.ts';

/** `plimsoll version`. */
export async function versionCommand(): Promise<number> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  console.log(`plimsoll ${version} (node ${process.versions.node})`);
  return EXIT.ok;
}
