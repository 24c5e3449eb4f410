import { COMMANDS } from './commands.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';

/** Runs one command line. Answers the exit code; never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = withHelpLast(args);
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
  } catch (thrown) {
    const error = firstOf(thrown);
    console.error(`plimsoll ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return exitCodeOf(error);
  }
}

/** What went wrong first: closing what was open may have failed for the same reason. */
function firstOf(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstOf(thrown.suppressed) : thrown;
}

/** `help query` is `query --help`. */
function withHelpLast(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  return first === 'help' && rest.length > 0 ? [...rest, '--help'] : args;
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
