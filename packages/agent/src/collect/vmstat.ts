import { seriesOf, untyped } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

/** The fields node_exporter reports unless told otherwise: paging, swapping, faults and out-of-memory kills. */
const FIELDS = /^(oom_kill|pgpg|pswp|pg.*fault)/;
const NOT_WANTED = -1;

/** Counters of the virtual memory system from /proc/vmstat. */
export function vmstatCollector({ paths, files, table }: CollectContext): Collector {
  const slots = new Map<string, number>();
  return {
    collect() {
      const scanner = files.scan(`${paths.procfs}/vmstat`);
      for (; !scanner.done; scanner.nextLine()) {
        const key = scanner.key();
        let slot = slots.get(key);
        if (slot === undefined) {
          slot = FIELDS.test(key)
            ? table.add(seriesOf([untyped(`node_vmstat_${key}`, `/proc/vmstat information field ${key}.`)]))
            : NOT_WANTED;
          slots.set(key, slot);
        }
        if (slot !== NOT_WANTED) table.set(slot, scanner.number());
      }
    },
  };
}
