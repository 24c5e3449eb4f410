import { COMMANDS } from '../commands.ts';
import { main } from '../main.ts';

export interface HelpedFlag {
  /** As it is written: `--[no-]verify` or `--from=PATH|URL`. */
  readonly written: string;
  readonly default: string;
  readonly help: string;
}

/** What one command, or one verb of a command, says of itself. */
export interface CommandHelp {
  /** Without `plimsoll`: `storage copy`. */
  readonly name: string;
  /** Usage line and summary. */
  readonly text: string;
  readonly flags: readonly HelpedFlag[];
}

const VERB_LINE = /^ {2}([a-z]+) ([a-z]+)\b/gm;
const FLAG_LINE = /^ {2}(--\S+)(?: {2,}(.*))?$/;

/** The help of every command and verb, as people see it: what has help is in it, and nothing can be left out. */
export async function everyCommandHelp(): Promise<CommandHelp[]> {
  const all: CommandHelp[] = [];
  for (const { name } of COMMANDS) {
    const own = await helpOf([name]);
    all.push(own);
    if (!own.text.startsWith(`Usage: plimsoll ${name} VERB`)) continue;
    for (const [, command = '', verb = ''] of own.text.matchAll(VERB_LINE)) {
      if (command === name) all.push(await helpOf([name, verb]));
    }
  }
  return all;
}

async function helpOf(words: readonly string[]): Promise<CommandHelp> {
  const printed = await printedBy([...words, '--help']);
  const [text = '', rows = ''] = printed.split('\n\nFlags:\n');
  if (!text.startsWith(`Usage: plimsoll ${words.join(' ')}`))
    throw new Error(`plimsoll ${words.join(' ')} --help does not begin with its usage`);
  return { name: words.join(' '), text, flags: flagsIn(rows) };
}

/** Commands print to the console; one at a time is listened to. */
async function printedBy(args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    const code = await main(args);
    if (code !== 0) throw new Error(`plimsoll ${args.join(' ')} ended with exit code ${code}`);
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}

/** A name that is too long for its column has its help on the next line. */
function flagsIn(rows: string): HelpedFlag[] {
  const flags: HelpedFlag[] = [];
  let written = '';
  for (const line of rows.split('\n')) {
    const [, name, beside] = FLAG_LINE.exec(line) ?? [];
    written = name ?? written;
    const help = name === undefined ? line.trim() : beside;
    if (help === undefined || help === '') continue;
    const [, plain = help, fallback = ''] = /^(.*?) Default: (.*)\.$/.exec(help) ?? [];
    flags.push({ written, default: fallback, help: plain });
  }
  return flags;
}
