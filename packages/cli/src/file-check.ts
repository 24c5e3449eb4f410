import { readFile } from 'node:fs/promises';
import { readFailure } from './read-failure.ts';

/** Checks files; answers a line for each that is good, and every fault with its place. */
export type FileCheck = (files: readonly string[]) => Promise<{
  readonly lines: readonly string[];
  readonly faults: readonly string[];
}>;

/** The text of the files that can be read, and why the others cannot. */
export async function readFiles(
  files: readonly string[],
): Promise<{ texts: { path: string; text: string }[]; faults: string[] }> {
  const texts: { path: string; text: string }[] = [];
  const faults: string[] = [];
  for (const path of files) {
    try {
      texts.push({ path, text: await readFile(path, 'utf8') });
    } catch (error) {
      faults.push(readFailure(path, error));
    }
  }
  return { texts, faults };
}
