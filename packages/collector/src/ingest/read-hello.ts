import { createHash } from 'node:crypto';
import { type Hello, PROTOCOL_VERSION } from '@plimsoll/proto';
import type { FileConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import type { Caller } from '../hosts/admit-agent.ts';
import type { AgentRecord } from '../hosts/agent-table.ts';
import { MAX_COLLECT_INTERVAL_MS, MIN_COLLECT_INTERVAL_MS } from '../limits.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const RESERVED_LABELS: ReadonlySet<string> = new Set(['job', 'instance']);
const MIN_KEY_BYTES = 32;
/** The oldest dialect still spoken: a collector serves agents one version older. */
const OLDEST_PROTOCOL = Math.max(1, PROTOCOL_VERSION - 1);

/** A Hello whose every field has been checked. */
export interface CheckedHello {
  readonly caller: Caller;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  readonly collectIntervalMs: number;
  readonly sentAtUs: number;
}

/** @throws PlimsollError('invalid_argument' | 'failed_precondition') naming the field. */
export function readHello(hello: Hello, limits: FileConfig['ingest']): CheckedHello {
  if (hello.protocolVersion < OLDEST_PROTOCOL) {
    throw new PlimsollError(
      'failed_precondition',
      `the agent speaks protocol ${hello.protocolVersion}, this collector ${OLDEST_PROTOCOL} to ${PROTOCOL_VERSION}; upgrade the agent`,
    );
  }
  check(UUID.test(hello.agentId), 'agent_id is not a lower-case UUID');
  check(hello.machineIdHash.length === 32, 'machine_id_hash is not 32 bytes');
  check(hello.agentKey.length >= MIN_KEY_BYTES, `agent_key is shorter than ${MIN_KEY_BYTES} bytes`);
  check(
    hello.instance !== '' && hello.instance.length <= limits.maxLabelValueBytes,
    'instance is empty or too long',
  );
  const epoch = Number(hello.epoch);
  check(Number.isSafeInteger(epoch) && epoch > 0, 'epoch is not a positive number of microseconds');
  check(
    hello.collectIntervalMs >= MIN_COLLECT_INTERVAL_MS && hello.collectIntervalMs <= MAX_COLLECT_INTERVAL_MS,
    `collect_interval_ms ${hello.collectIntervalMs} is outside ${MIN_COLLECT_INTERVAL_MS} to ${MAX_COLLECT_INTERVAL_MS}`,
  );
  checkLabels(hello.labels, limits);
  return {
    caller: {
      agentId: hello.agentId,
      keyHash: createHash('sha256').update(hello.agentKey).digest('hex'),
      machineIdHash: Buffer.from(hello.machineIdHash).toString('hex'),
      instance: hello.instance,
      epoch,
    },
    labels: hello.labels,
    agentVersion: hello.agentVersion.slice(0, 100),
    collectIntervalMs: hello.collectIntervalMs,
    sentAtUs: Number(hello.sentAtUs),
  };
}

/** The agent's record after this Hello was admitted. */
export function toRecord(hello: CheckedHello, known: AgentRecord | undefined, nowMs: number): AgentRecord {
  const { agentId, keyHash, machineIdHash, instance } = hello.caller;
  return {
    agentId,
    keyHash,
    machineIdHash,
    instance,
    labels: hello.labels,
    agentVersion: hello.agentVersion,
    collectIntervalMs: hello.collectIntervalMs,
    firstSeenMs: known?.firstSeenMs ?? nowMs,
    lastSeenMs: known?.lastSeenMs ?? null,
    facts: known?.facts ?? null,
  };
}

function checkLabels(labels: Readonly<Record<string, string>>, limits: FileConfig['ingest']): void {
  const entries = Object.entries(labels);
  check(
    entries.length <= limits.maxLabelsPerSeries,
    `${entries.length} labels, at most ${limits.maxLabelsPerSeries}`,
  );
  for (const [name, value] of entries) {
    check(LABEL_NAME.test(name), `label name "${name.slice(0, 50)}" is not valid`);
    check(
      !RESERVED_LABELS.has(name) && !name.startsWith('__'),
      `label "${name}" is reserved: the collector sets it`,
    );
    check(name.length <= limits.maxLabelNameBytes, `label name "${name.slice(0, 50)}..." is too long`);
    check(value.length <= limits.maxLabelValueBytes, `the value of label "${name}" is too long`);
  }
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new PlimsollError('invalid_argument', `Hello refused: ${message}`);
}
