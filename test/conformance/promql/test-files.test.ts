import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runPromqlTest } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../../../shared/conformance/promql');
const present = existsSync(folder);
const files = present ? readdirSync(folder).filter((name) => name.endsWith('.test')) : [];

/** The corpus' files by class, with how many evaluations each class has. */
const CLASSES = { core: 0, experimental: 0, native: 0 };

function classOf(name: string): keyof typeof CLASSES {
  if (name.includes('.experimental.')) return 'experimental';
  return name.includes('.native.') ? 'native' : 'core';
}

describe.skipIf(!present)(`.test files (${folder} ${present ? 'present' : 'absent'})`, () => {
  it.each(files)('%s', async (name) => {
    const run = await runPromqlTest(readFileSync(path.join(folder, name), 'utf8'), name);
    expect(run.failures).toEqual([]);
    expect(run.passed).toBeGreaterThan(0);
    CLASSES[classOf(name)] += run.passed;
  });

  it('covers every class', () => {
    for (const count of Object.values(CLASSES)) expect(count).toBeGreaterThan(0);
  });
});
