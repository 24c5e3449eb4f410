import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PLIMSOLL_VERSION } from './version.ts';

it('is the version of the root manifest', () => {
  const manifest: unknown = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
  );
  expect(manifest).toMatchObject({ version: PLIMSOLL_VERSION });
});
