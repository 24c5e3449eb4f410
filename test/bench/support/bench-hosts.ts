import { randomOf } from '../../support/budget.ts';
import { encodeLabels, literal, varint } from './remote-write.ts';

/** Requests carry this many steps of these hosts: 40,000 samples, well below what a server takes in one. */
const STEPS_PER_REQUEST = 20;
const HOSTS_PER_REQUEST = 20;
/** One sample on the wire: field 2 of the series with a double and a varint of six bytes. */
const SAMPLE_BYTES = 18;

export interface BenchSpan {
  readonly startMs: number;
  readonly steps: number;
  readonly intervalMs: number;
}

type Kind = 'percent' | 'filling' | 'counter' | 'constant';

interface Family {
  readonly name: string;
  readonly kind: Kind;
  /** Start values are below it, and a percentage stays so. */
  readonly most: number;
  readonly label: string;
  readonly values: readonly string[];
}

const MODES = 'user system idle nice iowait irq softirq steal guest guest_nice'.split(' ');
const CORES = Array.from({ length: 8 }, (_, core) => String(core));
const PATHS = ['/', '/var', '/home', '/data'];
const DEVICES = ['nvme0n1', 'nvme1n1', 'nvme2n1', 'nvme3n1'];
const INTERFACES = ['eth0', 'eth1', 'lo', 'wg0'];
const ONE = ['all'];

/** What a host reports, 100 series; the queries ask for the first five families, the others fill the index. */
const families: readonly Family[] = [
  { name: 'cpu_usage', kind: 'percent', most: 100, label: 'mode', values: MODES },
  { name: 'cpu_core_usage', kind: 'percent', most: 100, label: 'core', values: CORES },
  { name: 'disk_bytes_total', kind: 'counter', most: 1e12, label: 'device', values: DEVICES },
  { name: 'disk_used', kind: 'filling', most: 1e11, label: 'path', values: PATHS },
  { name: 'disk_used_percent', kind: 'percent', most: 90, label: 'path', values: PATHS },
  ...spread('counter', 'device', DEVICES, ['disk_ops_total', 'disk_time_ms_total', 'disk_merged_total']),
  ...spread('counter', 'interface', INTERFACES, ['net_bytes_total', 'net_packets_total']),
  ...spread('constant', 'interface', INTERFACES, ['net_errors_total', 'net_drops_total', 'net_speed']),
  ...spread('constant', 'path', PATHS, ['disk_total', 'disk_inodes_total']),
  ...spread('filling', 'path', PATHS, ['disk_inodes_used']),
  ...spread('percent', 'unit', ONE, ['load1', 'load5', 'load15', 'memory_used_percent', 'swap_used_percent']),
  ...spread('filling', 'unit', ONE, [
    'memory_used',
    'memory_cached',
    'memory_buffers',
    'processes',
    'sockets',
  ]),
  ...spread('counter', 'unit', ONE, ['interrupts_total', 'context_switches_total', 'forks_total']),
  ...spread('counter', 'unit', ONE, ['page_faults_total', 'tcp_retransmits_total', 'udp_errors_total']),
  ...spread('constant', 'unit', ONE, ['memory_total', 'swap_total', 'cpu_count', 'boot_time_seconds']),
  ...spread('constant', 'unit', ONE, [
    'file_descriptors_limit',
    'threads_limit',
    'huge_pages',
    'kernel_info',
  ]),
  ...spread('percent', 'unit', ONE, ['pressure_cpu', 'pressure_memory']),
];

function spread(kind: Kind, label: string, values: readonly string[], names: readonly string[]): Family[] {
  return names.map((name) => ({ name, kind, most: 100, label, values }));
}

interface Walk {
  readonly kind: Kind;
  readonly most: number;
  /** The series' labels as encoded fields. */
  readonly labels: Buffer;
  value: number;
}

/** Remote write requests with all samples of `hosts` hosts in order of time: the same bytes for every server. */
export function* benchRequests(hosts: number, span: BenchSpan): Generator<Buffer<ArrayBuffer>> {
  const random = randomOf(1);
  const fleet = Array.from({ length: hosts }, (_, host) => seriesOf(host, random));
  for (let step = 0; step < span.steps; step += STEPS_PER_REQUEST) {
    const steps = Math.min(STEPS_PER_REQUEST, span.steps - step);
    const startMs = span.startMs + step * span.intervalMs;
    for (let host = 0; host < hosts; host += HOSTS_PER_REQUEST) {
      const walks = fleet.slice(host, host + HOSTS_PER_REQUEST).flat();
      yield literal(walks.map((walk) => encodeSamples(walk, startMs, steps, span.intervalMs, random)));
    }
  }
}

export function hostName(host: number): string {
  return `host-${String(host).padStart(5, '0')}`;
}

function seriesOf(host: number, random: () => number): Walk[] {
  const region = ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-southeast-1'][host % 4] ?? '';
  const shared = {
    host: hostName(host),
    region,
    os: host % 3 === 0 ? 'debian-13' : 'ubuntu-26.04',
    team: 'sre',
  };
  return families.flatMap(({ name, kind, most, label, values }) =>
    values.map((value) => ({
      kind,
      most,
      labels: encodeLabels({ ...shared, datacenter: `${region}a`, __name__: name, [label]: value }),
      value: Math.floor(random() * most * 100) / 100,
    })),
  );
}

function advance(walk: Walk, random: () => number): number {
  const { kind, most, value } = walk;
  if (kind === 'percent') {
    const next = Math.min(most, Math.max(0, value + (random() - 0.5) * 2));
    walk.value = Math.round(next * 100) / 100;
  } else if (kind === 'filling') walk.value += Math.floor(random() * 500) * 4096;
  else if (kind === 'counter') walk.value += Math.floor(random() * 4000) * 4096;
  return walk.value;
}

function encodeSamples(
  walk: Walk,
  startMs: number,
  steps: number,
  intervalMs: number,
  random: () => number,
): Buffer {
  const { labels } = walk;
  const header = Buffer.from([0x0a, ...varint(labels.length + steps * SAMPLE_BYTES)]);
  const message = Buffer.allocUnsafe(header.length + labels.length + steps * SAMPLE_BYTES);
  header.copy(message);
  labels.copy(message, header.length);
  let at = header.length + labels.length;
  for (let step = 0; step < steps; step++) {
    message[at] = 0x12;
    message[at + 1] = SAMPLE_BYTES - 2;
    message[at + 2] = 0x09;
    message.writeDoubleLE(advance(walk, random), at + 3);
    message[at + 11] = 0x10;
    message.set(varint(startMs + step * intervalMs), at + 12);
    at += SAMPLE_BYTES;
  }
  return message;
}
