import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../../errors.ts';
import { systemFiles } from './files.ts';
import { INDEX_NAME } from './store-paths.ts';

/** Version of the directory as a whole; each kind of file in it has one of its own. */
const STORE_VERSION = 1;
const FILE = 'store.json';

const identitySchema = z.object({
  version: z.number().int(),
  incarnation: z.string().min(1),
  /** Of the incarnation, hexadecimal; stores of the first days have none. */
  sha256: z.string().optional(),
});

/**
 * Reads which data this directory holds, or founds it: the incarnation is minted once.
 *
 * @throws PlimsollError 'configuration' as `readIdentity`, and where there is data without it.
 */
export function readOrCreateIdentity(path: string): { readonly incarnation: string } {
  const file = identityFile(path);
  if (existsSync(file)) return readIdentity(path);
  if (!existsSync(join(path, INDEX_NAME))) return mintIdentity(path);
  throw new PlimsollError(
    'configuration',
    `${file} is missing, beside telemetry that is there: bring it from a backup, or restore one`,
  );
}

/** @throws PlimsollError 'configuration' where the directory holds no telemetry store, or one of a newer version; where the file is damaged. */
export function readIdentity(path: string): { readonly incarnation: string } {
  const file = identityFile(path);
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
  const { incarnation, sha256 } = parsed.data;
  if (sha256 !== undefined && sha256 !== checksumOf(incarnation)) {
    throw new PlimsollError(
      'configuration',
      `${file} changed since it was written: bring it from a backup, or restore one`,
    );
  }
  return { incarnation };
}

/** Says that the data in this directory is from now on another: it was founded, or restored from a backup. */
export function mintIdentity(path: string): { readonly incarnation: string } {
  const file = identityFile(path);
  const incarnation = randomUUID();
  const draft = `${file}.new`;
  writeFileSync(draft, render(incarnation), { flush: true });
  systemFiles.rename(draft, file);
  systemFiles.syncDirectory(path);
  return { incarnation };
}

/** What of the identity's file is not as it was written. */
export function checkIdentity(
  path: string,
): { readonly file: string; readonly what: string; readonly affected: string }[] {
  const affected = 'which data this is: agents and restores go by it';
  if (!existsSync(identityFile(path)))
    return existsSync(join(path, INDEX_NAME)) ? [{ file: FILE, what: 'is missing', affected }] : [];
  const text = readFileSync(identityFile(path), 'utf8');
  const parsed = identitySchema.safeParse(parseJson(identityFile(path)));
  if (parsed.success && [render, renderOld].some((form) => form(parsed.data.incarnation) === text)) return [];
  const what = 'changed since it was written';
  return [{ file: FILE, what, affected }];
}

function render(incarnation: string): string {
  return `${JSON.stringify({ version: STORE_VERSION, incarnation, sha256: checksumOf(incarnation) })}\n`;
}

function checksumOf(incarnation: string): string {
  return createHash('sha256').update(incarnation).digest('hex');
}

/** Without a checksum, as the first versions wrote it. */
function renderOld(incarnation: string): string {
  return `${JSON.stringify({ version: STORE_VERSION, incarnation })}\n`;
}

function identityFile(path: string): string {
  return join(path, FILE);
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
