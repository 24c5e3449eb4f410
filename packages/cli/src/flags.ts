import { parseArgs } from 'node:util';
import { UsageError } from './exit-code.ts';

export type FlagValue = string | boolean | readonly string[];

/** One flag, as data. The tables of collector and agent have this shape. */
export interface Flag {
  /** Without the leading dashes. A switch `x` is also written `--no-x`; a list may be repeated. */
  readonly name: string;
  readonly kind: 'text' | 'switch' | 'list';
  /** What the value is, for help. Empty for a switch. */
  readonly placeholder: string;
  readonly default: FlagValue;
  readonly help: string;
  /** For a flag that must be given: what is to be given, and where to find it. */
  readonly required?: string;
  /** The values it may have; absent where any text will do. */
  readonly choices?: readonly string[];
}

export interface ParsedFlags {
  /** Only the flags that were given. */
  readonly given: Readonly<Record<string, FlagValue>>;
  /** Arguments that are no flags. */
  readonly positionals: readonly string[];
  readonly help: boolean;
}

/**
 * Parses arguments by a table: `--flag=value`, `--flag value`, `--switch`, `--no-switch`, `--` ends the flags. Throws
 * UsageError naming the nearest flag for one that does not exist.
 */
export async function parseFlags(flags: readonly Flag[], args: readonly string[]): Promise<ParsedFlags> {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      flags.map(({ name, kind }) => [name, { type: kind === 'switch' ? 'boolean' : 'string' } as const]),
    ),
    strict: false,
    allowPositionals: true,
    allowNegative: false,
    tokens: true,
  });
  const given: Record<string, FlagValue> = {};
  const positionals: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.rawName === '-h') {
      help = true;
      continue;
    }
    const flag = byName.get(token.name);
    if (flag === undefined) await readNegated(token, byName, given);
    else given[flag.name] = readValue(flag, token.value, given[flag.name]);
  }
  return { given, positionals, help };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

async function readNegated(
  token: OptionToken,
  byName: ReadonlyMap<string, Flag>,
  given: Record<string, FlagValue>,
): Promise<void> {
  const positive = byName.get(token.name.replace(/^no-/, ''));
  if (token.name.startsWith('no-') && positive?.kind === 'switch' && token.value === undefined) {
    given[positive.name] = false;
    return;
  }
  throw new UsageError(`there is no flag ${token.rawName}${await hint(token.name, [...byName.keys()])}`);
}

async function hint(written: string, valid: readonly string[]): Promise<string> {
  const { nearestName } = await import('@plimsoll/rules');
  const nearest = nearestName(written, valid);
  return nearest === undefined ? '; --help lists them' : `; did you mean --${nearest}?`;
}

function readValue(flag: Flag, value: string | undefined, earlier: FlagValue | undefined): FlagValue {
  if (flag.kind === 'switch') {
    if (value === undefined || value === 'true') return true;
    if (value === 'false') return false;
    throw new UsageError(`--${flag.name} is a switch: write --${flag.name} or --no-${flag.name}`);
  }
  if (value === undefined)
    throw new UsageError(`--${flag.name} needs a value: --${flag.name}=${flag.placeholder}`);
  if (flag.choices?.includes(value) === false)
    throw new UsageError(`--${flag.name} "${value}" is not one of: ${flag.choices.join(', ')}`);
  if (flag.kind === 'text') return value;
  return [...(Array.isArray(earlier) ? earlier : []), value];
}

/** For commands that take no arguments. Throws UsageError naming the first one. */
export function refusePositionals({ positionals }: ParsedFlags): void {
  const [first] = positionals;
  if (first !== undefined) throw new UsageError(`unexpected argument "${first}"; flags begin with --`);
}

/** Throws UsageError naming the first flag that must be given and was not. */
export function expectRequired(flags: readonly Flag[], { given }: ParsedFlags): void {
  for (const { name, required } of flags) {
    if (required !== undefined && !given[name]) throw new UsageError(`--${name} is required: ${required}`);
  }
}

/** How the flags that must be given are written, for usage lines. */
export function requiredUsage(flags: readonly Flag[]): string[] {
  return flags
    .filter(({ required }) => required !== undefined)
    .map(({ name, placeholder }) => `--${name}=${placeholder}`);
}

/** A flag's value as text: the one given, or its default. */
export function textOf(flags: readonly Flag[], parsed: ParsedFlags, name: string): string {
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag === undefined) throw new Error(`there is no flag ${name} in the table`);
  return String(parsed.given[name] ?? flag.default);
}

/** The help text of a command. */
export function helpText(usage: string, summary: string, flags: readonly Flag[]): string {
  const rows = flags.map((flag) => {
    const name = flag.kind === 'switch' ? `--[no-]${flag.name}` : `--${flag.name}=${flag.placeholder}`;
    const required = flag.required === undefined ? '' : ' Required.';
    return [name, flag.help + required + defaultNote(flag)] as const;
  });
  const width = Math.min(40, Math.max(0, ...rows.map(([name]) => name.length)));
  const lines = rows.map(([name, help]) =>
    name.length > width ? `  ${name}\n  ${' '.repeat(width)}  ${help}` : `  ${name.padEnd(width)}  ${help}`,
  );
  const list = lines.length === 0 ? '' : `\n\nFlags:\n${lines.join('\n')}`;
  return `Usage: plimsoll ${usage}\n\n${summary}${list}`;
}

function defaultNote(flag: Flag): string {
  const value = Array.isArray(flag.default) ? flag.default.join(', ') : String(flag.default);
  return value === '' || value === 'false' ? '' : ` Default: ${value}.`;
}
