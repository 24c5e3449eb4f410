import { clientFlags } from '../client.ts';
import { type CommandHelp, everyCommandHelp, type HelpedFlag } from './command-help.ts';
import { markdownTable } from './markdown-table.ts';

/** The page that has every command, with what it does and all its flags. */
export async function flagPage(): Promise<string> {
  const commands = await everyCommandHelp();
  const [client = [], others] = [
    commands
      .map(({ flags }) => flags.filter(isOfClients))
      .find(({ length }) => length === clientFlags.length),
    commands.map(section).join('\n\n'),
  ];
  return `# Commands and flags

What \`plimsoll COMMAND --help\` says of each. Flags are written \`--name=value\` or \`--name value\`; a switch is \`--name\` or
\`--no-name\`. A flag that does not exist ends the command with exit code 2. \`plimsoll start\` takes the collector's flags, and
the agent's with \`agent.\` before the name. \`--print-config\` prints every setting of a collector with its source.

${others}

## Flags of every client

${flagTable(client)}

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

function section({ name, text, flags }: CommandHelp): string {
  const isClient = flags.filter(isOfClients).length === clientFlags.length;
  const own = isClient ? flags.filter((flag) => !isOfClients(flag)) : flags;
  return [
    `## \`plimsoll ${name}\``,
    `\`\`\`text\n${text}\n\`\`\``,
    ...(own.length > 0 ? [flagTable(own)] : []),
    ...(isClient ? ['And the [flags of every client](#flags-of-every-client).'] : []),
  ].join('\n\n');
}

function isOfClients({ written }: HelpedFlag): boolean {
  return clientFlags.some(({ name, placeholder }) => written === `--${name}=${placeholder}`);
}

function flagTable(flags: readonly HelpedFlag[]): string {
  return markdownTable(
    ['Flag', 'Default', 'Meaning'],
    flags.map(({ written, default: fallback, help }) => [
      `\`${written}\``,
      fallback === '' ? '' : `\`${fallback}\``,
      help,
    ]),
  );
}
