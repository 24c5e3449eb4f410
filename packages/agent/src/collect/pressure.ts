import { counter, seriesOf } from '../frame/series.ts';
import { type CollectContext, type Collector, NoData } from './collector.ts';

const MICROSECONDS_PER_SECOND = 1e6;
/** Before the last number of a line `some avg10=0.00 avg60=0.00 avg300=0.00 total=13849791`. */
const TOTAL = 'total=';

/** Which lines of each file of /proc/pressure are reported, as node_exporter does. */
const RESOURCES = [
  { file: 'cpu', some: waiting('cpu', 'waited for CPU time'), full: undefined },
  { file: 'io', some: waiting('io', 'waited due to IO congestion'), full: stalled('io', 'IO') },
  { file: 'memory', some: waiting('memory', 'waited for memory'), full: stalled('memory', 'memory') },
  { file: 'irq', some: undefined, full: stalled('irq', 'IRQ') },
];

/** Pressure stall information. @throws NoData on kernels without it. */
export function pressureCollector({ paths, files, table }: CollectContext): Collector {
  const sources = RESOURCES.filter(
    ({ file }) => files.attribute(`${paths.procfs}/pressure/${file}`) !== undefined,
  ).map(({ file, some, full }) => ({
    path: `${paths.procfs}/pressure/${file}`,
    some: some === undefined ? undefined : table.add(seriesOf([some])),
    full: full === undefined ? undefined : table.add(seriesOf([full])),
  }));
  return {
    collect() {
      if (sources.length === 0) throw new NoData('this kernel has no pressure stall information');
      for (const { path, some, full } of sources) {
        for (const line of files.read(path, 'whole').split('\n')) {
          const slot = line.startsWith('some') ? some : full;
          const at = line.lastIndexOf(TOTAL) + TOTAL.length;
          if (slot === undefined || at < TOTAL.length) continue;
          table.set(slot, Number(line.slice(at)) / MICROSECONDS_PER_SECOND);
        }
      }
    },
  };
}

function waiting(resource: string, what: string): ReturnType<typeof counter> {
  return counter(
    `node_pressure_${resource}_waiting_seconds_total`,
    `Total time in seconds that processes have ${what}`,
  );
}

function stalled(resource: string, what: string): ReturnType<typeof counter> {
  return counter(
    `node_pressure_${resource}_stalled_seconds_total`,
    `Total time in seconds no process could make progress due to ${what} congestion`,
  );
}
