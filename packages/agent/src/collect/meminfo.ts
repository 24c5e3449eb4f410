import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { SeriesTable } from '../frame/series-table.ts';
import type { CollectContext, Collector } from './collector.ts';

const BYTES_PER_KIBIBYTE = 1024;

interface Field {
  /** The line's beginning, colon included. */
  readonly start: string;
  readonly slot: number;
  readonly factor: number;
}

/** Every field of /proc/meminfo, as node_memory_<field>; those with a unit in bytes. */
export function meminfoCollector({ paths, files, table }: CollectContext): Collector {
  const known = new Map<string, Field>();
  /** The fields in the order of the lines, which a running kernel keeps. */
  let layout: (Field | undefined)[] = [];
  return {
    collect() {
      const lines = files.read(`${paths.procfs}/meminfo`, 'whole').split('\n');
      for (const [index, line] of lines.entries()) {
        let field = layout[index];
        if (field === undefined || !line.startsWith(field.start))
          layout[index] = field = fieldOf(line, known, table);
        if (field === undefined) continue;
        table.set(field.slot, Number.parseInt(line.slice(field.start.length), 10) * field.factor);
      }
      layout.length = lines.length;
    },
  };
}

/** The field of a line `MemTotal:       24683108 kB`; undefined where the line is none. */
function fieldOf(line: string, known: Map<string, Field>, table: SeriesTable): Field | undefined {
  const [, key = '', unit = ''] = /^([^:]+): *\d+(?: (kB))?$/.exec(line) ?? [];
  if (key === '') return undefined;
  let field = known.get(key);
  if (field === undefined) {
    const inKibibytes = unit !== '';
    const slot = table.add(seriesOf([memoryFamily(key, inKibibytes)]));
    known.set(key, (field = { start: `${key}:`, slot, factor: inKibibytes ? BYTES_PER_KIBIBYTE : 1 }));
  }
  return field;
}

/** `Active(anon)` in kB becomes node_memory_Active_anon_bytes. */
function memoryFamily(key: string, inKibibytes: boolean): ReturnType<typeof gauge> {
  const field = key.replace(/\((.*)\)/, '_$1') + (inKibibytes ? '_bytes' : '');
  const make = field.endsWith('_total') ? counter : gauge;
  return make(`node_memory_${field}`, `Memory information field ${field}.`);
}
