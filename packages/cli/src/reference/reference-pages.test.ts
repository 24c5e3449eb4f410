import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { referencePages } from './reference-pages.ts';

const directory = path.resolve(import.meta.dirname, '../../../../docs/reference');

it('the reference in docs is the one the code gives (npm run generate)', async () => {
  for (const [name, text] of Object.entries(await referencePages())) {
    expect(await readFile(path.join(directory, name), 'utf8')).toBe(text);
  }
});
