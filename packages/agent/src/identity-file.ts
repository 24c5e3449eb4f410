import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import type { Log } from './log.ts';
import { StartError } from './start-error.ts';

// An import of this module evaluates every one of its exports, the Web Crypto API among them, which is never used.
const { createHash, randomBytes, randomUUID } = process.getBuiltinModule('node:crypto');

const FILE = 'agent.json';
const KEY_BYTES = 32;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const VERSION = 1;
/** The permission model has no fsync on a descriptor; a file opened like this is on the disk when written. */
const DURABLE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_DSYNC ?? 0);

/** Who this agent is, kept beside its spool. */
export interface StoredIdentity {
  readonly agentId: string;
  readonly machineIdHash: Uint8Array;
  readonly key: Uint8Array;
  /** Microseconds since the Unix epoch; larger than at every earlier start. */
  readonly epoch: number;
  /** The machine has changed since the last start: what is in the spool belongs to another host. */
  readonly minted: boolean;
}

interface FileContent {
  readonly version: number;
  readonly agentId: string;
  readonly key: string;
  readonly machineIdHash: string;
  readonly lastEpoch: number;
}

/**
 * Reads the identity from `directory` and begins a new epoch in it. A machine id other than the stored one means that
 * the disk was cloned: the copy gets an id of its own.
 *
 * @throws StartError when the file is there and cannot be understood, the system's error when the directory cannot be
 *   written.
 */
export function openIdentity(directory: string, machineId: string, nowMs: number, log: Log): StoredIdentity {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, FILE);
  const stored = readStored(file);
  const sameMachine =
    stored !== undefined && stored.machineIdHash === hashMachineId(stored.agentId, machineId);
  const agentId = sameMachine ? stored.agentId : randomUUID();
  const key = sameMachine ? stored.key : randomBytes(KEY_BYTES).toString('base64url');
  const epoch = Math.max(nowMs * 1000, (stored?.lastEpoch ?? 0) + 1);
  const machineIdHash = hashMachineId(agentId, machineId);
  const content: FileContent = { version: VERSION, agentId, key, machineIdHash, lastEpoch: epoch };
  const descriptor = openSync(`${file}.new`, DURABLE, 0o600);
  writeSync(descriptor, `${JSON.stringify(content, undefined, 2)}\n`);
  closeSync(descriptor);
  renameSync(`${file}.new`, file);
  if (stored !== undefined && !sameMachine) {
    log.warn(
      { was: stored.agentId, is: agentId },
      'the machine id has changed (a clone?): this agent has a new id',
    );
  }
  return {
    agentId,
    machineIdHash: Buffer.from(machineIdHash, 'hex'),
    key: Buffer.from(key, 'base64url'),
    epoch,
    minted: stored !== undefined && !sameMachine,
  };
}

/** What tells this machine from its clones: the first of the usual machine ids, else the network cards' addresses. */
export function readMachineId(rootfs: string): string {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id', '/sys/class/dmi/id/product_uuid']) {
    const id = readText(path.join(rootfs, file))?.trim();
    if (id !== undefined && id !== '' && id !== 'uninitialized') return id;
  }
  const cards = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal)
    .map((address) => address.mac);
  return [...new Set(cards)].sort().join(',');
}

/** SHA-256 of machine id and agent id, hexadecimal: useless for following a machine across agents. */
function hashMachineId(agentId: string, machineId: string): string {
  return createHash('sha256').update(`${machineId}\n${agentId}`).digest('hex');
}

function readStored(file: string): FileContent | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const content = parse(text);
  if (isFileContent(content)) return content;
  throw new StartError(
    'configuration',
    `${file} is not an agent identity of version ${VERSION}: restore it, or remove it for a new one`,
  );
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFileContent(value: unknown): value is FileContent {
  if (typeof value !== 'object' || value === null) return false;
  const { version, agentId, key, machineIdHash, lastEpoch } = value as Partial<
    Record<keyof FileContent, unknown>
  >;
  return (
    version === VERSION &&
    typeof agentId === 'string' &&
    UUID.test(agentId) &&
    typeof key === 'string' &&
    Buffer.from(key, 'base64url').length >= KEY_BYTES &&
    typeof machineIdHash === 'string' &&
    Number.isSafeInteger(lastEpoch)
  );
}

/** The file's text; undefined where there is none, or none for us. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
