import { EXIT, UsageError } from '../exit-code.ts';

const VERBS: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  copy: async () => (await import('./storage-copy.ts')).storageCopyCommand,
  export: async () => (await import('./storage-export.ts')).storageExportCommand,
};

const OVERVIEW = `Usage: plimsoll storage VERB [FLAGS]

  storage copy --from A --to B          Copy telemetry; the same command again goes on where it was interrupted
  storage export --from A --output FILE Write telemetry to a file, as OpenMetrics text or Parquet

A and B are the storage path of a stopped collector, or the address of a running one or of any server with Prometheus'
remote read (A) or remote write (B). "plimsoll storage VERB --help" explains each.`;

/** `plimsoll storage copy|export`. */
export async function storageCommand([verb = '--help', ...args]: readonly string[]): Promise<number> {
  if (verb === '--help' || verb === '-h') {
    console.log(OVERVIEW);
    return EXIT.ok;
  }
  const load = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (load === undefined) {
    const { nearestName } = await import('@plimsoll/rules');
    const nearest = nearestName(verb, Object.keys(VERBS));
    const hint =
      nearest === undefined ? `valid: ${Object.keys(VERBS).join(', ')}` : `did you mean "${nearest}"?`;
    throw new UsageError(`storage has no verb "${verb}"; ${hint}`);
  }
  return (await load())(args);
}
