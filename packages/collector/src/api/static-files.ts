import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import { hasCode } from '../has-code.ts';

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Already compressed: gzip would only add to them. */
const COMPRESSED = new Set(['.ico', '.png', '.woff2']);

/** Names that carry a hash of the content, as the UI's build makes them. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
}

/** The UI's files by URL path, held in memory: a request can reach nothing else on the disk. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Reads a built UI. A directory that does not exist gives no files. */
export async function loadStaticFiles(directory: string): Promise<StaticFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    },
  );
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const url = `/${path.relative(directory, file).split(path.sep).join('/')}`;
        return [url, await loadFile(file, url)] as const;
      }),
    ),
  );
}

async function loadFile(file: string, url: string): Promise<StaticFile> {
  const bytes = new Uint8Array(await readFile(file));
  const extension = path.extname(file).toLowerCase();
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return {
    bytes,
    gzipped: COMPRESSED.has(extension) ? null : new Uint8Array(await compress(bytes)),
    type: TYPES[extension] ?? 'application/octet-stream',
    etag: `"${hash}"`,
    cacheControl:
      url.startsWith('/assets/') && HASHED.test(url) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}

/** Stands in for the UI where it was not built. */
const NO_UI = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Plimsoll</title>
<p>The pages were not built. The collector runs: see <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</html>
`;

/** Answers a file, the UI's page for every other path a person may have open, or null for a file that is not there. */
export function serveStatic(context: Context, files: StaticFiles): Response | null {
  const page = looksLikePage(context.req.path);
  const file = files.get(context.req.path) ?? (page ? files.get('/index.html') : undefined);
  if (file === undefined) return page ? context.html(NO_UI) : null;
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.cacheControl,
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (context.req.header('if-none-match') === file.etag) return context.body(null, 304, headers);
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
    context.req.header('accept-encoding') ?? '',
  );
  if (file.gzipped === null || !takesGzip) return context.body(file.bytes, 200, headers);
  return context.body(file.gzipped, 200, { ...headers, 'content-encoding': 'gzip' });
}

/** Pages of the UI have no extension; a missing asset must stay a 404. */
function looksLikePage(urlPath: string): boolean {
  return !urlPath.startsWith('/assets/') && !/\.(?:js|css|map|png|svg|ico|woff2|json)$/.test(urlPath);
}
