import { EXIT, exitCodeOf } from './exit-code.ts';

/** Runs with the arguments behind its name; answers the exit code. */
export type Command = (args: readonly string[]) => Promise<number>;

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loaded only when the command runs, so that help and clients start fast. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'Run a collector and the agent of this host',
    load: async () => (await import('./commands/start.ts')).startCommand,
  },
  {
    name: 'collector',
    summary: 'Run a collector',
    load: async () => (await import('./commands/collector.ts')).collectorCommand,
  },
  {
    name: 'agent',
    summary: 'Collect this host and stream to a collector',
    load: async () => (await import('./commands/agent.ts')).agentCommand,
  },
  {
    name: 'fleet',
    summary: 'Run simulated hosts against a collector',
    load: async () => (await import('./commands/fleet.ts')).fleetCommand,
  },
  {
    name: 'query',
    summary: 'Evaluate a PromQL expression, now or over a time range',
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
  {
    name: 'check',
    summary: 'Check configuration, rule or service files',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'incident',
    summary: 'List, show and work on incidents',
    load: async () => (await import('./commands/incident.ts')).incidentCommand,
  },
  {
    name: 'problem',
    summary: 'List and show problems',
    load: async () => (await import('./commands/problem.ts')).problemCommand,
  },
  {
    name: 'service',
    summary: 'List and show services',
    load: async () => (await import('./commands/service.ts')).serviceCommand,
  },
  {
    name: 'token',
    summary: 'Print the local admin token',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
  {
    name: 'version',
    summary: 'Print the version',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
];

/** Runs one command line. Answers the exit code; never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (['--help', '-h', 'help'].includes(name)) {
    console.log(overview());
    return EXIT.ok;
  }
  const command = COMMANDS.find((entry) => entry.name === (name === '--version' ? 'version' : name));
  try {
    if (command === undefined) return await unknownCommand(name);
    return await (
      await command.load()
    )(rest);
  } catch (error) {
    console.error(`plimsoll ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return exitCodeOf(error);
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `Usage: plimsoll COMMAND [FLAGS]\n\nCommands:\n${list}\n\n"plimsoll COMMAND --help" explains each.`;
}

async function unknownCommand(name: string): Promise<number> {
  const { nearestName } = await import('@plimsoll/rules');
  const nearest = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  const hint = nearest === undefined ? 'plimsoll --help lists them' : `did you mean "${nearest}"?`;
  console.error(`plimsoll: there is no command "${name}"; ${hint}`);
  return EXIT.usage;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
