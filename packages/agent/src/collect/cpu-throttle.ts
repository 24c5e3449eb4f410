import { KeyedRuns } from '../frame/keyed-runs.ts';
import { counter, seriesOf } from '../frame/series.ts';
import type { CollectContext } from './collector.ts';
import { parseCpuList } from './cpu-list.ts';

const CORE = counter('node_cpu_core_throttles_total', 'Number of times this CPU core has been throttled.');
const PACKAGE = counter(
  'node_cpu_package_throttles_total',
  'Number of times this CPU package has been throttled.',
);

/** Reads the thermal throttling counters, once for each core and package; virtual machines have none. */
export function cpuThrottles(context: CollectContext): () => void {
  const { files, table } = context;
  const sources = throttleFiles(context);
  const runs = new KeyedRuns(table, (path) => sources.get(path) ?? []);
  return () => {
    runs.begin();
    for (const path of sources.keys()) {
      try {
        const count = Number(files.read(path, 'whole'));
        table.set(runs.at(path), count);
      } catch {
        // The CPU is offline: its counters end here and come back with it.
        continue;
      }
    }
    runs.end();
  };
}

/** The files that have a counter, each with its series. */
function throttleFiles({ files, paths }: CollectContext): Map<string, ReturnType<typeof seriesOf>> {
  const base = `${paths.sysfs}/devices/system/cpu`;
  const sources = new Map<string, ReturnType<typeof seriesOf>>();
  const met = new Set<string>();
  for (const cpu of parseCpuList(files.attribute(`${base}/present`) ?? '')) {
    const socket = files.attribute(`${base}/cpu${cpu}/topology/physical_package_id`);
    const core = files.attribute(`${base}/cpu${cpu}/topology/core_id`);
    if (socket === undefined || core === undefined) continue;
    for (const [kind, family, labels] of [
      ['core', CORE, { package: socket, core }],
      ['package', PACKAGE, { package: socket }],
    ] as const) {
      const path = `${base}/cpu${cpu}/thermal_throttle/${kind}_throttle_count`;
      const key = `${kind} ${Object.values(labels).join(' ')}`;
      if (met.has(key) || files.attribute(path) === undefined) continue;
      met.add(key);
      sources.set(path, seriesOf([family], labels));
    }
  }
  return sources;
}
