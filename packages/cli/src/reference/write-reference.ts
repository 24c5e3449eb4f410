import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { referencePages } from './reference-pages.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../../../../docs/reference');

/** Writes docs/reference anew; a test fails while it differs from the code. */
export async function writeReference(): Promise<void> {
  await mkdir(DIRECTORY, { recursive: true });
  for (const [name, text] of Object.entries(await referencePages())) {
    await writeFile(path.join(DIRECTORY, name), text);
  }
}

if (import.meta.main) await writeReference();
