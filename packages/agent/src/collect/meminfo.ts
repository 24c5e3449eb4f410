import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

const BYTES_PER_KIBIBYTE = 1024;

/** Every field of /proc/meminfo, as node_memory_<field>; those with a unit in bytes. */
export function meminfoCollector({ paths, files, table }: CollectContext): Collector {
  const slots = new Map<string, number>();
  return {
    collect() {
      const scanner = files.scan(`${paths.procfs}/meminfo`);
      for (; !scanner.done; scanner.nextLine()) {
        const key = scanner.key();
        const value = scanner.number();
        const inKibibytes = scanner.hasMore();
        if (key === '' || Number.isNaN(value)) continue;
        let slot = slots.get(key);
        if (slot === undefined) {
          slot = table.add(seriesOf([memoryFamily(key, inKibibytes)]));
          slots.set(key, slot);
        }
        table.set(slot, inKibibytes ? value * BYTES_PER_KIBIBYTE : value);
      }
    },
  };
}

/** `Active(anon)` in kB becomes node_memory_Active_anon_bytes. */
function memoryFamily(key: string, inKibibytes: boolean): ReturnType<typeof gauge> {
  const field = key.replace(/\((.*)\)/, '_$1') + (inKibibytes ? '_bytes' : '');
  const make = field.endsWith('_total') ? counter : gauge;
  return make(`node_memory_${field}`, `Memory information field ${field}.`);
}
