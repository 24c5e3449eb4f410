import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { referencePages } from './reference-pages.ts';

/** Writes docs/reference anew; a test fails while it differs from the code. */
const directory = path.resolve(import.meta.dirname, '../../../../docs/reference');
await mkdir(directory, { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) {
  await writeFile(path.join(directory, name), text);
}
