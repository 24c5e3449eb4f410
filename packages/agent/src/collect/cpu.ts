import { KeyedRuns } from '../frame/keyed-runs.ts';
import { counter, gauge, type Series, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';
import { parseCpuList } from './cpu-list.ts';
import { cpuThrottles } from './cpu-throttle.ts';

const SECONDS = counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.');
const GUEST = counter(
  'node_cpu_guest_seconds_total',
  'Seconds the CPUs spent in guests (VMs) for each mode.',
);
const ONLINE = gauge('node_cpu_online', 'CPUs that are online and being scheduled.');
const ISOLATED = gauge(
  'node_cpu_isolated',
  'Whether each core is isolated, information from /sys/devices/system/cpu/isolated.',
);

/** Modes in the order of a line of /proc/stat; the last two are guest time. */
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];
const GUEST_MODES = ['user', 'nice'];
const COLUMNS = MODES.length + GUEST_MODES.length;
const IDLE = MODES.indexOf('idle');
/** Ticks of /proc a second: USER_HZ, 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;
/** Idle time going back by this many seconds means the CPU was taken away and given back. */
const HOTPLUG_SECONDS = 3;

/** CPU time by mode from /proc/stat; which CPUs are online or isolated, and throttling, from /sys. */
export function cpuCollector(context: CollectContext): Collector {
  const { paths, files, table } = context;
  const runs = new KeyedRuns(table, cpuSeries);
  const online = new KeyedRuns(table, (cpu) => seriesOf([ONLINE], { cpu }));
  const isolated = new KeyedRuns(table, (cpu) => seriesOf([ISOLATED], { cpu }));
  const throttles = cpuThrottles(context);
  const last = new Map<string, Float64Array>();
  const read = new Float64Array(COLUMNS);
  const cpuPath = `${paths.sysfs}/devices/system/cpu`;
  const isolatedCpus = parseCpuList(files.attribute(`${cpuPath}/isolated`) ?? '');
  // node_exporter tells of CPUs' state only where the first one can be switched off.
  const switchable = files.attribute(`${cpuPath}/cpu0/online`) !== undefined;

  const collectTimes = (): void => {
    runs.begin();
    for (const line of files.readShared(`${paths.procfs}/stat`, 'whole').split('\n')) {
      if (!line.startsWith('cpu')) break;
      const [name = '', ...ticks] = line.split(' ');
      const cpu = name.slice('cpu'.length);
      if (cpu === '') continue;
      // Kernels before 2.6.33 have fewer columns.
      for (let i = 0; i < COLUMNS; i++) read[i] = Number(ticks[i] ?? 0) / TICKS_PER_SECOND;
      const first = runs.at(cpu);
      let held = last.get(cpu);
      if (held === undefined) last.set(cpu, (held = new Float64Array(COLUMNS)));
      holdMonotonic(held, read);
      for (let i = 0; i < COLUMNS; i++) table.set(first + i, held[i] ?? 0);
    }
    runs.end();
  };

  const collectState = (): void => {
    online.begin();
    const present = switchable ? parseCpuList(files.attribute(`${cpuPath}/present`) ?? '') : [];
    const running = new Set(switchable ? parseCpuList(files.attribute(`${cpuPath}/online`) ?? '') : []);
    for (const cpu of present) table.set(online.at(String(cpu)), running.has(cpu) ? 1 : 0);
    online.end();
    isolated.begin();
    for (const cpu of isolatedCpus) table.set(isolated.at(String(cpu)), 1);
    isolated.end();
  };

  return {
    collect() {
      collectTimes();
      collectState();
      throttles();
    },
  };
}

function cpuSeries(cpu: string): Series[] {
  return [
    ...MODES.map((mode) => ({ family: SECONDS, labels: ['cpu', cpu, 'mode', mode] })),
    ...GUEST_MODES.map((mode) => ({ family: GUEST, labels: ['cpu', cpu, 'mode', mode] })),
  ];
}

/**
 * The kernel's idle and iowait counters step back by a few ticks now and then, which a counter must not: such steps
 * are held at the last value, until idle steps back so far that the CPU has been replaced.
 */
function holdMonotonic(held: Float64Array, read: Float64Array): void {
  if ((held[IDLE] ?? 0) - (read[IDLE] ?? 0) >= HOTPLUG_SECONDS) held.fill(0);
  for (let i = 0; i < COLUMNS; i++) held[i] = Math.max(held[i] ?? 0, read[i] ?? 0);
}
