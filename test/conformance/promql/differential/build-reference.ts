import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** Where the reference is built to, and where the test looks for it. */
export const REFERENCE = path.resolve(import.meta.dirname, '../../../../.cache/promql-reference/reference');

/** Ten minutes: the first build compiles all of Prometheus' engine and storage. */
const BUILD_TIMEOUT_MS = 600_000;

/** Builds Prometheus' engine from its Go module. Needs Go; run this file to do it. */
export function buildReference(): void {
  const folder = path.dirname(REFERENCE);
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(import.meta.dirname, 'reference'), folder, { recursive: true });
  const options = { cwd: folder, stdio: 'inherit' as const, timeout: BUILD_TIMEOUT_MS };
  execFileSync(process.env['GO'] ?? 'go', ['build', '-mod=mod', '-o', REFERENCE, '.'], options);
}

if (import.meta.main) buildReference();
