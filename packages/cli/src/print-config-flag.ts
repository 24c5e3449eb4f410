import type { Flag } from './flags.ts';

/** Shared by the commands that run a collector. */
export const PRINT_CONFIG_FLAG: Flag = {
  name: 'print-config',
  kind: 'switch',
  placeholder: '',
  default: false,
  help: 'Print every setting with its value and where it comes from, and exit.',
};
