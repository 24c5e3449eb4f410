import { seriesOf, untyped } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

/** The lines node_exporter reports unless told otherwise: paging, swapping, faults and out-of-memory kills. */
const WANTED = /^((?:oom_kill|pgpg|pswp|pg.*fault)\S*) \d+$/gm;

/** Counters of the virtual memory system from /proc/vmstat, whose lines are the same for as long as a kernel runs. */
export function vmstatCollector({ paths, files, table }: CollectContext): Collector {
  let fields: { readonly start: string; readonly slot: number }[] | undefined;
  return {
    collect() {
      const text = `\n${files.read(`${paths.procfs}/vmstat`, 'pieces')}`;
      fields ??= [...text.matchAll(WANTED)].map(([, key = '']) => ({
        start: `\n${key} `,
        slot: table.add(seriesOf([untyped(`node_vmstat_${key}`, `/proc/vmstat information field ${key}.`)])),
      }));
      for (const { start, slot } of fields) {
        const at = text.indexOf(start);
        if (at >= 0)
          table.set(slot, Number.parseInt(text.slice(at + start.length, at + start.length + 20), 10));
      }
    },
  };
}
