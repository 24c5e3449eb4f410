import { counter, seriesOf } from '../frame/series.ts';
import type { Scanner } from './scanner.ts';
import { type CollectContext, type Collector, NoData } from './collector.ts';

const MICROSECONDS_PER_SECOND = 1e6;

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
    ({ file }) => files.text(`${paths.procfs}/pressure/${file}`) !== undefined,
  ).map(({ file, some, full }) => ({
    path: `${paths.procfs}/pressure/${file}`,
    some: some === undefined ? undefined : table.add(seriesOf([some])),
    full: full === undefined ? undefined : table.add(seriesOf([full])),
  }));
  return {
    collect() {
      if (sources.length === 0) throw new NoData('this kernel has no pressure stall information');
      for (const { path, some, full } of sources) {
        const scanner = files.scan(path);
        for (; !scanner.done; scanner.nextLine()) {
          const slot = scanner.key() === 'some' ? some : full;
          if (slot !== undefined) table.set(slot, readTotal(scanner));
        }
      }
    },
  };
}

/** The seconds of a line `some avg10=0.00 avg60=0.00 avg300=0.00 total=13849791`, its first word being read. */
function readTotal(scanner: Scanner): number {
  while (scanner.hasMore()) {
    const word = scanner.word();
    if (word.startsWith('total=')) return Number(word.slice('total='.length)) / MICROSECONDS_PER_SECOND;
  }
  return Number.NaN;
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
