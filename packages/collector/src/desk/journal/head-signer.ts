import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../errors.ts';
import type { JournalHead } from './journal.ts';
import { hasCode } from '../../has-code.ts';

export const KEY_FILE = 'journal-key.pem';
export const HEADS_FILE = 'heads.ndjson';

/** A statement that the journal had this hash at this position, signed outside the database. */
export interface SignedHead extends JournalHead {
  readonly signedAtMs: number;
  /** Base64 of an Ed25519 signature over `headMessage`. */
  readonly signature: string;
}

/** What is signed. */
export function headMessage({ position, hash, signedAtMs }: Omit<SignedHead, 'signature'>): Buffer {
  return Buffer.from(JSON.stringify(['plimsoll-journal-head/1', position, hash, signedAtMs]));
}

/** Signs heads and appends them to a file that is meant to be copied away: it proves that nothing was cut or changed. */
export interface HeadSigner {
  readonly publicKey: KeyObject;
  export(head: JournalHead, nowMs: number): Promise<SignedHead>;
}

/** Reads the key of a journal's directory, or makes one readable by its owner alone. */
export async function openHeadSigner(directory: string): Promise<HeadSigner> {
  const privateKey = await readOrMakeKey(path.join(directory, KEY_FILE));
  return {
    publicKey: createPublicKey(privateKey),
    async export(head, nowMs) {
      const unsigned = { position: head.position, hash: head.hash, signedAtMs: nowMs };
      const signature = sign(null, headMessage(unsigned), privateKey).toString('base64');
      const signed = { ...unsigned, signature };
      // The line before may have been torn by a full disk: this one starts afresh in any case.
      await appendFile(path.join(directory, HEADS_FILE), `\n${JSON.stringify(signed)}\n`);
      return signed;
    },
  };
}

async function readOrMakeKey(file: string): Promise<KeyObject> {
  const made = generateKeyPairSync('ed25519').privateKey;
  try {
    await writeFile(file, made.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  try {
    return createPrivateKey(await readFile(file));
  } catch (error) {
    throw new PlimsollError(
      'configuration',
      `${file} is no private key: restore it, or remove it to go on under a new key`,
      { cause: error },
    );
  }
}
