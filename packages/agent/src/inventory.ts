import { arch, cpus, hostname, release, totalmem, uptime } from 'node:os';
import {
  type Systeminformation,
  cpu,
  diskLayout,
  networkInterfaces,
  osInfo,
  system,
} from 'systeminformation';
import type { HostFacts } from './facts.ts';

const BITS_PER_MEGABIT = 1e6;

/** What the host is made of. Asks several tools of the system: seconds of time and some processes. */
export async function takeInventory(): Promise<HostFacts> {
  const [machine, os, processor, disks, cards] = await Promise.all([
    system(),
    osInfo(),
    cpu(),
    diskLayout(),
    networkInterfaces(),
  ]);
  return {
    hostname: hostname(),
    os: os.distro || os.platform,
    osVersion: os.release,
    kernel: os.kernel || release(),
    architecture: os.arch || arch(),
    virtualization: machine.virtual ? machine.virtualHost || 'virtual' : '',
    manufacturer: machine.manufacturer,
    model: machine.model,
    cpuModel: [processor.manufacturer, processor.brand].filter(Boolean).join(' '),
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    disks: disks.map((disk) => ({
      name: disk.device,
      type: disk.type,
      model: disk.name,
      sizeBytes: disk.size,
    })),
    networkInterfaces: cardList(cards),
    bootTimeMs: Math.round(Date.now() - uptime() * 1000),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function cardList(
  cards: Systeminformation.NetworkInterfacesData | Systeminformation.NetworkInterfacesData[],
): HostFacts['networkInterfaces'] {
  return (Array.isArray(cards) ? cards : [cards])
    .filter((card) => !card.internal)
    .map((card) => ({
      name: card.iface,
      mac: card.mac,
      addresses: [card.ip4, card.ip6].filter(Boolean),
      speedBps: (card.speed ?? 0) * BITS_PER_MEGABIT,
    }));
}
