import { create } from '@bufbuild/protobuf';
import { type Facts, FactsSchema } from '@plimsoll/proto';

/** The inventory as plain data, as it passes between processes. Empty or 0 means unknown. */
export interface HostFacts {
  readonly hostname: string;
  readonly os: string;
  readonly osVersion: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly virtualization: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly disks: readonly { name: string; type: string; model: string; sizeBytes: number }[];
  readonly networkInterfaces: readonly { name: string; mac: string; addresses: string[]; speedBps: number }[];
  readonly bootTimeMs: number;
  readonly timezone: string;
}

export function encodeFacts(facts: HostFacts): Facts {
  return create(FactsSchema, {
    ...facts,
    memoryBytes: toBigInt(facts.memoryBytes),
    disks: facts.disks.map((disk) => ({ ...disk, sizeBytes: toBigInt(disk.sizeBytes) })),
    networkInterfaces: facts.networkInterfaces.map((card) => ({
      ...card,
      speedBps: toBigInt(card.speedBps),
    })),
    bootTimeMs: toBigInt(facts.bootTimeMs),
  });
}

/** Sizes come from tools of many systems: anything but a count is unknown. */
function toBigInt(value: number): bigint {
  return Number.isFinite(value) && value > 0 ? BigInt(Math.round(value)) : 0n;
}
