import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../../errors.ts';
import { systemFiles } from './files.ts';

/** Version of the directory as a whole; each kind of file in it has one of its own. */
const STORE_VERSION = 1;

const identitySchema = z.object({
  version: z.number().int(),
  incarnation: z.string().min(1),
});

/** Reads which data this directory holds, or founds it: the incarnation is minted once. */
export function readOrCreateIdentity(path: string): { readonly incarnation: string } {
  const file = join(path, 'store.json');
  if (!existsSync(file)) return createIdentity(path, file);
  const parsed = identitySchema.safeParse(parseJson(file));
  if (!parsed.success) {
    throw new PlimsollError(
      'configuration',
      `${file} does not describe a telemetry store: restore it from a backup`,
    );
  }
  if (parsed.data.version > STORE_VERSION) {
    throw new PlimsollError(
      'configuration',
      `${path} was written by a newer version of plimsoll: start that version, or restore a backup`,
      { details: { path, version: parsed.data.version } },
    );
  }
  return { incarnation: parsed.data.incarnation };
}

function createIdentity(path: string, file: string): { readonly incarnation: string } {
  const identity = { version: STORE_VERSION, incarnation: randomUUID() };
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(identity)}\n`, { flush: true });
  systemFiles.rename(draft, file);
  systemFiles.syncDirectory(path);
  return identity;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
