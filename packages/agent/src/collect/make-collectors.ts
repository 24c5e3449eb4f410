import { StartError } from '../start-error.ts';
import type { CollectContext, Collector, CollectorFactory } from './collector.ts';
import { linuxCollectors } from './registry.ts';

/**
 * The collectors asked for by name, as far as this platform has them.
 *
 * @throws StartError for a name that no platform has.
 */
export async function makeCollectors(
  names: readonly string[],
  context: CollectContext,
): Promise<Map<string, Collector>> {
  const available = await platformCollectors();
  const collectors = new Map<string, Collector>();
  for (const name of names) {
    if (!Object.hasOwn(linuxCollectors, name)) {
      throw new StartError('configuration', `there is no collector "${name}"`);
    }
    const make = available[name];
    if (make !== undefined) collectors.set(name, make(context));
  }
  return collectors;
}

async function platformCollectors(): Promise<Readonly<Record<string, CollectorFactory>>> {
  if (process.platform === 'linux') return linuxCollectors;
  // Loaded only where it is needed: it is larger than all else the agent has.
  return (await import('./portable.ts')).portableCollectors;
}
