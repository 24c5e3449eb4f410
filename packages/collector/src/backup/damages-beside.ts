import path from 'node:path';
import { checkIdentity } from '../telemetry/embedded/store-identity.ts';
import { missingIn } from '../telemetry/embedded/verify/verify-store.ts';
import { checkKey, findForgedHeads } from './check-desk-files.ts';
import { contentOf } from './content-of.ts';
import type { Damage } from './manifest.ts';
import { missingState } from './refuse-damaged-state.ts';

/** What is missing of a storage path, and which of its smallest files are not in the form they were written in. */
export function damagesBeside(storagePath: string): Damage[] {
  const telemetry = path.join(storagePath, 'telemetry');
  const desk = path.join(storagePath, 'desk');
  const missing = [...missingState(storagePath), ...missingIn(telemetry).map(inTelemetry)];
  const changed = [
    ...checkIdentity(telemetry).map(({ file, what }) => ({ file: inTelemetry(file), what })),
    ...checkKey(desk),
  ];
  return [...missing.map((file) => ({ file, what: 'is missing or empty' })), ...changed].map(
    ({ file, what }) => ({
      path: file,
      what,
      affected: contentOf(file),
    }),
  );
}

function inTelemetry(file: string): string {
  return `telemetry/${file}`;
}

/** Which heads in a backup were changed before they were copied. */
export async function damagedHeads(directory: string): Promise<Damage[]> {
  const faults = await findForgedHeads(path.join(directory, 'desk'));
  return faults.map(({ file, what, affected }) => ({
    path: file,
    what,
    affected: affected ?? contentOf(file),
  }));
}
