import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BackupJson, backUpOffline, describeDamages, readManifest } from '@plimsoll/collector';
import { readAdminToken } from '../admin-token.ts';
import { type Client, ClientError, openClient } from '../client.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, type ParsedFlags, parseFlags, textOf } from '../flags.ts';
import { ProgressLine, sizeText } from '../progress-line.ts';
import { timeText } from '../words.ts';

const backupFlags: readonly Flag[] = [
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: 'Storage path of the collector; it may be running.',
  },
  {
    name: 'base',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: '',
    help: 'An earlier backup on the same file system: days that did not change since are shared with it by hard links.',
  },
  {
    name: 'web.url',
    kind: 'text',
    placeholder: 'URL',
    default: '',
    help: 'The running collector. Empty: from addresses.json in the storage path.',
  },
];

const SUMMARY =
  'Copies telemetry, journal, hosts, silences, queues, keys and configuration, as of one moment, into DIR, which must\n' +
  'be new or empty. A running collector does it itself and goes on meanwhile; without one the data is copied here.\n' +
  'The backup holds keys: keep it as safe as the storage path. Exit code 1 when something of the data was damaged: it\n' +
  'is copied as it is, and named.';

/** `plimsoll backup DIR`. */
export async function backupCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(backupFlags, args);
  if (parsed.help) {
    console.log(helpText('backup DIR [FLAGS]', SUMMARY, backupFlags));
    return EXIT.ok;
  }
  const [given, stranger] = parsed.positionals;
  if (given === undefined) throw new UsageError('DIR missing: plimsoll backup DIR');
  if (stranger !== undefined) throw new UsageError(`unexpected argument "${stranger}"; flags begin with --`);
  const base = textOf(backupFlags, parsed, 'base');
  const request = { directory: path.resolve(given), base: base === '' ? null : path.resolve(base) };
  const storagePath = path.resolve(textOf(backupFlags, parsed, 'storage.path'));
  const progress = new ProgressLine();
  try {
    const { cutAt, files, bytes, damages } =
      (await offline(storagePath, request, progress)) ??
      (await online(parsed, storagePath, request, progress));
    progress.end();
    console.log(
      `backed up ${files} files, ${sizeText(bytes)}, as of ${timeText(cutAt)}, to ${request.directory}`,
    );
    return damages.length === 0 ? EXIT.ok : await tellDamages(request.directory, damages);
  } finally {
    progress.end();
  }
}

/** The backup itself tells more of what is damaged, where it can be read from here. */
async function tellDamages(directory: string, damages: Outcome['damages']): Promise<number> {
  const known = damages.map(({ path: file, what, affected }) => `${file}: ${what}; affected: ${affected}`);
  const lines = await readManifest(directory).then(
    (manifest) => describeDamages(directory, manifest),
    () => known,
  );
  for (const line of lines) console.error(line);
  console.error(
    `damaged: the backup has ${lines.length === 1 ? 'this as it is' : `these ${lines.length} as they are`} in the storage path: ` +
      'keep earlier backups, which may have it whole',
  );
  return EXIT.runtime;
}

interface Request {
  readonly directory: string;
  readonly base: string | null;
}

interface Outcome {
  readonly cutAt: string;
  readonly files: number;
  readonly bytes: number;
  readonly damages: NonNullable<BackupJson['damages']>;
}

/** Copies here; undefined where a collector has the storage path. */
async function offline(
  storagePath: string,
  request: Request,
  progress: ProgressLine,
): Promise<Outcome | undefined> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  try {
    const {
      cutAt,
      files,
      damages = [],
    } = await backUpOffline({
      ...request,
      storagePath,
      now: Date.now,
      signal: stop.signal,
      onProgress: ({ bytesDone, bytesTotal }) => progress.show('copying', bytesDone, bytesTotal),
    });
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { cutAt, files: files.length, bytes, damages };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'locked') return undefined;
    throw error;
  }
}

/** How often a running backup is asked for. */
const POLL_MS = 200;

/** Has the running collector copy, and waits. */
async function online(
  parsed: ParsedFlags,
  storagePath: string,
  request: Request,
  progress: ProgressLine,
): Promise<Outcome> {
  const client = await openClient(backupFlags, parsed, await readAdminToken(storagePath));
  let run = (await client.post('api/plimsoll/v1/backups', request)) as BackupJson;
  while (run.state === 'running') {
    progress.show('copying', run.bytesDone, run.bytesTotal);
    await delay(POLL_MS);
    run = await poll(client, run.id);
  }
  if (run.error !== null || run.cutAt === null) throw new ClientError(run.error ?? 'the backup has no cut');
  return { cutAt: run.cutAt, files: run.files ?? 0, bytes: run.bytesDone, damages: run.damages ?? [] };
}

async function poll(client: Client, id: string): Promise<BackupJson> {
  return (await client.get(`api/plimsoll/v1/backups/${id}`)) as BackupJson;
}
