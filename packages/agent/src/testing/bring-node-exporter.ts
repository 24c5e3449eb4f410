import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAMES = ['node_exporter', 'prometheus-node-exporter'];
const DOWNLOAD_TIMEOUT_MS = 60_000;

export type Brought = { readonly binary: string } | { readonly missing: string };

/** A node_exporter to compare with: from PATH, from the cache outside the clone, or downloaded into it from Debian. */
export async function bringNodeExporter(): Promise<Brought> {
  for (const directory of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of NAMES)
      if (existsSync(path.join(directory, name))) return { binary: path.join(directory, name) };
  }
  const cache = path.join(
    process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
    'plimsoll',
    'debian',
  );
  const unpacked = path.join(cache, 'prometheus-node-exporter');
  const binary = path.join(unpacked, 'usr', 'bin', 'prometheus-node-exporter');
  if (existsSync(binary)) return { binary };
  try {
    mkdirSync(unpacked, { recursive: true });
    await run('apt-get', ['download', 'prometheus-node-exporter'], {
      cwd: cache,
      timeout: DOWNLOAD_TIMEOUT_MS,
    });
    const archive = readdirSync(cache).find((name) => /^prometheus-node-exporter_.*\.deb$/.test(name)) ?? '';
    await run('dpkg-deb', ['-x', path.join(cache, archive), unpacked], { timeout: DOWNLOAD_TIMEOUT_MS });
    return { binary };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { missing: `no node_exporter on PATH, and Debian's could not be brought: ${reason}` };
  }
}
