import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import type { CopyProgress } from './copy-samples.ts';
import { hasCode } from '../has-code.ts';

/** Which copy a state file belongs to: what people wrote, so that the same command finds it again. */
export interface CopyIdentity {
  readonly from: string;
  readonly to: string;
  readonly matches: readonly string[];
  /** As written; '' where a default was taken. */
  readonly start: string;
  readonly end: string;
}

/** A copy that is under way: its range, fixed at its start, and how far it has come. */
export interface CopyState {
  readonly identity: CopyIdentity;
  readonly startMs: number;
  readonly endMs: number;
  readonly progress: CopyProgress;
}

const VERSION = 1;

const count = z.number().int().nonnegative();
const schema = z.strictObject({
  version: z.literal(VERSION),
  identity: z.strictObject({
    from: z.string(),
    to: z.string(),
    matches: z.array(z.string()),
    start: z.string(),
    end: z.string(),
  }),
  startMs: z.number().int(),
  endMs: z.number().int(),
  progress: z.strictObject({
    nextMs: z.number().int(),
    samplesRead: count,
    samplesWritten: count,
    samplesPresent: count,
    samplesDifferent: count,
  }),
});

/**
 * The state of a copy that was interrupted; null where there is none.
 *
 * @throws PlimsollError 'failed_precondition' where the file is something else or belongs to another copy.
 */
export async function readCopyState(file: string, identity: CopyIdentity): Promise<CopyState | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new PlimsollError('unavailable', `cannot read the state of the copy: ${String(error)}`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new PlimsollError(
      'failed_precondition',
      `${file} is no state of a copy: name another file with --state, or delete it to begin anew`,
    );
  }
  const { version: _, ...state } = parsed.data;
  if (JSON.stringify(state.identity) !== JSON.stringify(identity)) {
    throw new PlimsollError(
      'failed_precondition',
      `${file} belongs to another copy, from ${state.identity.from} to ${state.identity.to}: give its flags, or name another file with --state`,
    );
  }
  return state;
}

/** Writes the state so that a crash leaves the old one or the new one. */
export async function writeCopyState(file: string, state: CopyState): Promise<void> {
  const draft = `${file}.new`;
  try {
    await using handle = await open(draft, 'w');
    await handle.writeFile(`${JSON.stringify({ version: VERSION, ...state })}\n`);
    await handle.datasync();
    await rename(draft, file);
  } catch (error) {
    throw new PlimsollError(
      'unavailable',
      `cannot write ${file}, which remembers how far the copy is: ${String(error)}; name another file with --state`,
      { cause: error },
    );
  }
}

export async function removeCopyState(file: string): Promise<void> {
  await rm(file, { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
