import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isThere } from './is-there.ts';

describe('isThere', () => {
  it('tells what is there from what is not', () => {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-there-'));
    writeFileSync(join(directory, 'file'), '');
    expect(isThere(join(directory, 'file'))).toBe(true);
    expect(isThere(join(directory, 'none', 'file'))).toBe(false);
    rmSync(directory, { recursive: true });
  });

  // The superuser may look everywhere.
  it.skipIf(process.getuid?.() === 0)('does not take for missing what it may not look at', () => {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-there-'));
    mkdirSync(join(directory, 'closed'));
    chmodSync(join(directory, 'closed'), 0);
    expect(() => isThere(join(directory, 'closed', 'file'))).toThrow('permission denied');
    rmSync(directory, { recursive: true });
  });
});
