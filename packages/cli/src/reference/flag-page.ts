import { agentFlags } from '@plimsoll/agent';
import { collectorFlags } from '@plimsoll/collector';
import { clientFlags } from '../client.ts';
import { storageCopyFlags } from '../commands/storage-copy.ts';
import { storageExportFlags } from '../commands/storage-export.ts';
import type { Flag } from '../flags.ts';
import { markdownTable } from './markdown-table.ts';

/** The page that lists every flag. */
export function flagPage(): string {
  return `# Flags

Flags are written \`--name=value\` or \`--name value\`; a switch is \`--name\` or \`--no-name\`. A flag that does not exist ends
the command with exit code 2. \`plimsoll start\` takes the collector's flags, and the agent's with \`agent.\` before the name.
\`--print-config\` prints every setting of a collector with its source.

## \`plimsoll collector\`

${flagTable(collectorFlags)}

## \`plimsoll agent\`

${flagTable(agentFlags)}

## Clients of the API: \`query\`, \`incident\`, \`problem\`, \`service\`

${flagTable(clientFlags)}

## \`plimsoll storage copy\`

${flagTable(storageCopyFlags)}

## \`plimsoll storage export\`

${flagTable(storageExportFlags)}

## Exit codes

${markdownTable(
  ['Code', 'Meaning'],
  [
    ['0', 'done'],
    ['1', 'failed while running'],
    ['2', 'wrong usage: a command, flag or argument'],
    ['75', 'the data directory is locked by another process'],
    ['78', 'the configuration is refused'],
  ],
)}
`;
}

function flagTable(flags: readonly Flag[]): string {
  return markdownTable(
    ['Flag', 'Default', 'Meaning'],
    flags.map((flag) => [
      flag.kind === 'switch' ? `\`--${flag.name}\`` : `\`--${flag.name}=${flag.placeholder}\``,
      flag.default === '' || flag.default.toString() === '' ? '' : `\`${String(flag.default)}\``,
      flag.help,
    ]),
  );
}
