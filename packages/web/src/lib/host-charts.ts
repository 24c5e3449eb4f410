import type { ChartQuery } from '../components/query-chart.tsx';
import type { ChartStyle } from '../components/chart-options.ts';
import type { Labels } from '../api/types.ts';
import type { Unit } from './format.ts';

export interface HostChart {
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly ChartQuery[];
  readonly style?: ChartStyle;
}

/** A label's value as PromQL text. */
export function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

const by = (name: string) => (labels: Labels) => labels[name] ?? 'all';
const device = (what: string) => (labels: Labels) => `${labels['device'] ?? 'all'} ${what}`;

const notFilesystems = ',fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|devtmpfs|nsfs|proc|sysfs"';
const notDisks = ',device!~"(loop|ram|zram)[0-9]+"';

/** The charts of one host, over node_exporter's names; `windowS` is that of every rate. */
export function hostCharts(instance: string, windowS: number): readonly HostChart[] {
  const at = `instance=${quoted(instance)}`;
  const rate = (metric: string, matchers = '') => `rate(${metric}{${at}${matchers}}[${windowS}s])`;
  return [...loadCharts(at, rate), ...storageCharts(at, rate), ...waitingCharts(at, rate)];
}

type Rate = (metric: string, matchers?: string) => string;

function loadCharts(at: string, rate: Rate): readonly HostChart[] {
  return [
    {
      title: 'CPU by mode',
      unit: 'ratio',
      queries: [
        {
          expression: `avg by (mode) (${rate('node_cpu_seconds_total', ',mode!="idle"')})`,
          label: by('mode'),
          order: ['user', 'system', 'iowait', 'steal', 'softirq', 'irq', 'nice'],
        },
      ],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [
        { expression: `node_memory_MemTotal_bytes{${at}}`, label: 'Total' },
        {
          expression: `node_memory_MemTotal_bytes{${at}} - node_memory_MemAvailable_bytes{${at}}`,
          label: 'In use',
        },
        { expression: `node_memory_Cached_bytes{${at}}`, label: 'Page cache' },
        {
          expression: `node_memory_SwapTotal_bytes{${at}} - node_memory_SwapFree_bytes{${at}}`,
          label: 'Swap in use',
        },
      ],
      style: { dashed: [0], colours: [8, 1, 3, 2] },
    },
  ];
}

function storageCharts(at: string, rate: Rate): readonly HostChart[] {
  const metric = (what: string) => `node_filesystem_${what}_bytes{${at}${notFilesystems}}`;
  // As df tells it: what is used, over that and what may still be taken. Reserved blocks are in neither.
  const used = `(${metric('size')} - ${metric('free')})`;
  return [
    {
      title: 'Filesystem use',
      unit: 'ratio',
      queries: [
        {
          expression: `max by (mountpoint) (${used} / (${used} + ${metric('avail')}))`,
          label: by('mountpoint'),
        },
      ],
      style: { atLeast: 1 },
    },
    {
      title: 'Disk read and write',
      unit: 'bytesPerSecond',
      queries: [
        { expression: rate('node_disk_read_bytes_total', notDisks), label: device('read') },
        { expression: rate('node_disk_written_bytes_total', notDisks), label: device('written') },
      ],
    },
    {
      title: 'Network',
      unit: 'bytesPerSecond',
      queries: [
        { expression: rate('node_network_receive_bytes_total', ',device!="lo"'), label: device('received') },
        { expression: rate('node_network_transmit_bytes_total', ',device!="lo"'), label: device('sent') },
      ],
    },
  ];
}

function waitingCharts(at: string, rate: Rate): readonly HostChart[] {
  return [
    {
      title: 'Load',
      unit: 'count',
      queries: [
        { expression: `count(node_cpu_seconds_total{${at},mode="idle"})`, label: 'CPUs' },
        { expression: `node_load1{${at}}`, label: '1 min' },
        { expression: `node_load5{${at}}`, label: '5 min' },
        { expression: `node_load15{${at}}`, label: '15 min' },
      ],
      style: { dashed: [0], colours: [8, 1, 3, 4] },
    },
    {
      title: 'Pressure: share of time something waited',
      unit: 'ratio',
      queries: [
        { expression: rate('node_pressure_cpu_waiting_seconds_total'), label: 'CPU' },
        { expression: rate('node_pressure_memory_waiting_seconds_total'), label: 'Memory' },
        { expression: rate('node_pressure_io_waiting_seconds_total'), label: 'I/O' },
      ],
    },
  ];
}
