import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../../errors.ts';
import { GENESIS_HASH, chainHash, sha256 } from './chain.ts';
import { HEADS_FILE, KEY_FILE, headMessage } from './head-signer.ts';
import type { SignedHead } from './head-signer.ts';
import { fromRow } from './row.ts';
import type { Row } from './row.ts';
import { hasCode } from '../../has-code.ts';

export interface JournalVerification {
  readonly events: number;
  /** Payloads taken away on purpose; the chain holds without them. */
  readonly redacted: number;
  /** Signed heads that agree with the journal. */
  readonly heads: number;
  readonly headHash: string | null;
  /** What does not hold, in the order found; empty when the journal is whole. At most `MAX_FAULTS`. */
  readonly faults: readonly string[];
}

/** One change breaks a single link; more than this is a file that is not ours. */
const MAX_FAULTS = 20;

/**
 * Checks a desk's journal from its first event to its last: positions, versions, payloads, the chain, snapshots, and
 * the signed heads beside it, which also tell when its end was cut off. Reads only; works beside a running collector.
 *
 * Throws `PlimsollError('unavailable')` when the files cannot be read at all.
 */
export async function verifyJournal(directory: string): Promise<JournalVerification> {
  try {
    const heads = await readHeads(directory);
    using db = new DatabaseSync(path.join(directory, 'journal.db'), { readOnly: true });
    const check = new ChainCheck(heads);
    for (const row of db.prepare('SELECT * FROM event ORDER BY position').iterate()) check.take(row);
    for (const row of db.prepare('SELECT hash, content FROM snapshot').iterate()) check.takeSnapshot(row);
    return check.finish();
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw new PlimsollError('unavailable', `the journal in ${directory} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

interface CheckedHead {
  readonly head: SignedHead;
  readonly isGenuine: boolean;
}

class ChainCheck {
  readonly #headsByPosition: Map<number, CheckedHead[]>;
  readonly #versions = new Map<string, number>();
  readonly #faults: string[] = [];
  #previousHash = GENESIS_HASH;
  #events = 0;
  #redacted = 0;
  #heads = 0;

  constructor(heads: readonly CheckedHead[]) {
    this.#headsByPosition = Map.groupBy(heads, ({ head }) => head.position);
  }

  take(row: Row): void {
    const { event, payloadText } = fromRow(row);
    this.#events++;
    const name = `event ${event.position} (${event.type})`;
    if (event.position !== this.#events) this.#fault(`${name}: an event before it is missing`);
    this.#events = event.position;
    const version = (this.#versions.get(event.aggregate) ?? 0) + 1;
    if (event.version !== version) {
      this.#fault(`${name}: version ${event.version} of ${event.aggregate} instead of ${version}`);
    }
    this.#versions.set(event.aggregate, event.version);
    if (payloadText === null) this.#redacted++;
    else if (sha256(payloadText) !== event.payloadHash) this.#fault(`${name}: its payload was changed`);
    if (chainHash(this.#previousHash, event) !== event.hash) this.#fault(`${name}: the chain is broken`);
    this.#previousHash = event.hash;
    this.#takeHeads(event.position, event.hash);
  }

  takeSnapshot(row: Row): void {
    const hash = String(row['hash']);
    if (sha256(String(row['content'])) !== hash) this.#fault(`snapshot ${hash}: its content was changed`);
  }

  finish(): JournalVerification {
    for (const position of this.#headsByPosition.keys()) {
      if (position > this.#events) {
        this.#fault(`a head was signed at event ${position}, yet the journal ends at ${this.#events}`);
      }
    }
    return {
      events: this.#events,
      redacted: this.#redacted,
      heads: this.#heads,
      headHash: this.#events === 0 ? null : this.#previousHash,
      faults: this.#faults,
    };
  }

  #takeHeads(position: number, hash: string): void {
    for (const { head, isGenuine } of this.#headsByPosition.get(position) ?? []) {
      if (!isGenuine) this.#fault(`the signed head at event ${position} has a wrong signature`);
      else if (head.hash !== hash) this.#fault(`event ${position} is not the one whose head was signed`);
      else this.#heads++;
    }
  }

  #fault(text: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(text);
  }
}

async function readHeads(directory: string): Promise<readonly CheckedHead[]> {
  const text = await readIfThere(path.join(directory, HEADS_FILE));
  if (text === null) return [];
  // Without the key, which is told of elsewhere, heads still tell which events there were.
  const pem = await readIfThere(path.join(directory, KEY_FILE));
  const key = pem === null ? null : createPublicKey(pem);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => readHead(line, key));
}

/** A line that is no JSON was torn by a crash and says nothing: leaving it out proves as little as it would. */
function readHead(line: string, key: KeyObject | null): readonly CheckedHead[] {
  let head: SignedHead;
  try {
    head = JSON.parse(line) as SignedHead;
  } catch {
    return [];
  }
  const isGenuine =
    key === null || verify(null, headMessage(head), key, Buffer.from(head.signature, 'base64'));
  return [{ head, isGenuine }];
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
