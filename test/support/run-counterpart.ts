import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Counterpart } from './debian.ts';

export interface Ran {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

/** Runs a counterpart's command to its end. */
export async function runCounterpart(
  program: Counterpart,
  args: readonly string[],
  input = '',
): Promise<Ran> {
  const child = spawn(pathOf(program), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode ?? 128, output };
}

/** The counterpart's path, in tests that are skipped without it. */
export function pathOf(program: Counterpart): string {
  if ('missing' in program) throw new Error(program.missing);
  return program.path;
}
