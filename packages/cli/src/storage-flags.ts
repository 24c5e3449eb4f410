import { readFile } from 'node:fs/promises';
import { UsageError } from './exit-code.ts';
import { type Flag, type ParsedFlags, textOf } from './flags.ts';
import { readFailure } from './read-failure.ts';
import { readTime } from './read-time.ts';

/** Flags of every command that reads telemetry from a place. */
export const sourceFlags: readonly Flag[] = [
  {
    ...text('from', 'PATH|URL', 'Where to read.'),
    required: 'the storage path of a stopped collector, or an address such as http://prometheus:9090',
  },
  {
    name: 'match',
    kind: 'list',
    placeholder: 'SELECTOR',
    default: [],
    help: 'Only series that meet it, such as \'{job="node"}\'. Repeated: those that meet any. None: all series.',
  },
  text('start', 'TIME', 'First time. Empty: the oldest sample.'),
  text(
    'end',
    'TIME',
    'Last time. Empty: now; for a server 30s ago, as its newest samples may still be on their way.',
  ),
  text('from.token-file', 'FILE', 'A bearer token for the server to read from.'),
];

/** How times are written, for summaries. */
export const TIME_NOTE =
  'A TIME is RFC 3339 (2026-03-27T15:00:00Z), seconds since 1970, or how long ago: 30d.';

/** A flag with a text, empty by default. */
export function text(name: string, placeholder: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: '', help };
}

/** A flag's time in milliseconds; null where it is not given. Throws UsageError. */
export function timeOf(flags: readonly Flag[], parsed: ParsedFlags, name: string): number | null {
  const written = textOf(flags, parsed, name);
  return written === '' ? null : Math.round(readTime(written, Date.now() / 1000) * 1000);
}

/** The selectors that were given. */
export function matchesOf(parsed: ParsedFlags): readonly string[] {
  const { match } = parsed.given;
  return Array.isArray(match) ? match : [];
}

/** One end of a transfer, with the token in its file. Throws UsageError where that cannot be read. */
export async function endpointOf(
  flags: readonly Flag[],
  parsed: ParsedFlags,
  name: 'from' | 'to',
): Promise<{ address: string; token: string | null; tokenFlag: string }> {
  const tokenFlag = `--${name}.token-file`;
  const file = textOf(flags, parsed, `${name}.token-file`);
  const address = textOf(flags, parsed, name);
  if (file === '') return { address, token: null, tokenFlag };
  try {
    return { address, token: (await readFile(file, 'utf8')).trim(), tokenFlag };
  } catch (error) {
    throw new UsageError(`${tokenFlag}: ${readFailure(file, error)}`);
  }
}
