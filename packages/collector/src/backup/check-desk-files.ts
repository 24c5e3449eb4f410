import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { HEADS_FILE, headMessage, KEY_FILE, type SignedHead } from '../desk/journal/head-signer.ts';
import type { Fault } from '../telemetry/embedded/verify/fault.ts';
import { TimeSlice } from '../time-slice.ts';

export const HEADS = `desk/${HEADS_FILE}`;
export const KEY = `desk/${KEY_FILE}`;
export const FOREIGN_KEY = 'none of the heads was signed with this key, or all of them changed';

/** Whether heads were signed, and the key they were signed with is gone. */
export function isKeyMissing(directory: string): boolean {
  const headBytes = statSync(path.join(directory, HEADS_FILE), { throwIfNoEntry: false })?.size ?? 0;
  return headBytes > 0 && !existsSync(path.join(directory, KEY_FILE));
}

/** The key's file is compared with the form it was written in, so that no byte of it can change unnoticed. */
export function checkKey(directory: string): Fault[] {
  const file = path.join(directory, KEY_FILE);
  if (isKeyMissing(directory))
    return [
      { file: KEY, what: 'is missing, and heads were signed with it', affected: 'signatures of heads' },
    ];
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  try {
    if (createPrivateKey(text).export({ type: 'pkcs8', format: 'pem' }) === text) return [];
  } catch {
    // Not a key any more: the same fault.
  }
  return [{ file: KEY, what: 'changed since it was written', affected: 'signatures of heads' }];
}

/** A head that cannot be read proves nothing, and was readable once. */
export function checkHeads(directory: string): Fault[] {
  const file = path.join(directory, HEADS_FILE);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) =>
    line === '' || isHead(line)
      ? []
      : [
          {
            file: HEADS,
            what: `line ${i + 1} is no signed head: torn or damaged`,
            affected: 'that head',
          },
        ],
  );
}

/** A head's line is compared with the form it was written in, down to the last bit of its signature. */
function isHead(line: string): boolean {
  try {
    const { position, hash, signedAtMs, signature } = JSON.parse(line) as SignedHead;
    const rest = Buffer.from(signature, 'base64').toString('base64');
    return JSON.stringify({ position, hash, signedAtMs, signature: rest }) === line;
  } catch {
    return false;
  }
}

/** Lines of heads that are not as they were written and signed, looked at without holding the thread. */
export async function findForgedHeads(directory: string): Promise<Fault[]> {
  const file = path.join(directory, HEADS_FILE);
  if (!existsSync(file)) return [];
  const keyFile = path.join(directory, KEY_FILE);
  // With a damaged key no signature can be checked, and that is said of the key.
  const key =
    checkKey(directory).length > 0 || !existsSync(keyFile) ? null : createPublicKey(readFileSync(keyFile));
  const slice = new TimeSlice();
  let forged = 0;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    if (slice.over) await slice.rest();
    if (!isHead(line) || (key !== null && !isSigned(line, key))) forged++;
  }
  if (forged === 0) return [];
  const what =
    forged === 1 ? 'a line is no head that was signed' : `${forged} lines are no heads that were signed`;
  const affected = 'the proof that nothing was cut or changed';
  const heads: Fault = { file: HEADS, what: `${what}: torn or damaged`, affected };
  // Any bytes are a key: only what was signed with it tells that it changed.
  const isKeyLikely = forged === lines.length && key !== null;
  return isKeyLikely ? [heads, { file: KEY, what: FOREIGN_KEY, affected }] : [heads];
}

function isSigned(line: string, key: KeyObject): boolean {
  const head = JSON.parse(line) as SignedHead;
  return verify(null, headMessage(head), key, Buffer.from(head.signature, 'base64'));
}
