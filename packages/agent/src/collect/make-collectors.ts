import { StartError } from '../start-error.ts';
import type { CollectContext, Collector } from './collector.ts';
import { linuxCollectors } from './registry.ts';

/** The collectors of this platform that are asked for by name. @throws StartError for a name there is none of. */
export function makeCollectors(names: readonly string[], context: CollectContext): Map<string, Collector> {
  return new Map(
    names.map((name) => {
      const make = linuxCollectors[name];
      if (make === undefined) throw new StartError('configuration', `there is no collector "${name}"`);
      return [name, make(context)];
    }),
  );
}
