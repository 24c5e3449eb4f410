import { takeInventory } from './inventory.ts';

// A process of its own, with no arguments and no input: the agent may not start processes, and this one may do nothing
// but look at the host and print what it found.
process.stdout.write(JSON.stringify(await takeInventory()));
