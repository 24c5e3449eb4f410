import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** A real browser, or why there is none. */
export type BrowserOrReason = { readonly browser: Browser } | { readonly missing: string };

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll');

/**
 * Launches the Chromium that comes from npm, without root. With CI=true a browser that cannot be had is an error;
 * elsewhere the tests that need it skip and say why.
 */
export async function launchChromium(): Promise<BrowserOrReason> {
  try {
    return { browser: await launch() };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const missing = `Chromium could not be brought: ${reason}`;
    if (process.env['CI'] === 'true') throw new Error(missing, { cause: error });
    console.warn(missing);
    return { missing };
  }
}

async function launch(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `the package has a build for linux x64 only, this is ${process.platform} ${process.arch}`,
    );
  }
  const unpacked = await unpack();
  const temporary = await mkdtemp(path.join(tmpdir(), 'plimsoll-chromium-'));
  const browser = await chromium.launch({
    executablePath: path.join(unpacked, 'chromium'),
    // The package's own arguments switch web security off, and with it what is tested.
    args: ['--no-sandbox', '--headless=shell'],
    env: {
      ...process.env,
      // Without one, pages see the language "en-US@posix", which Intl refuses.
      LANG: 'en_US.UTF-8',
      LC_ALL: 'en_US.UTF-8',
      TMPDIR: temporary,
      LD_LIBRARY_PATH: path.join(unpacked, 'al2023', 'lib'),
      FONTCONFIG_PATH: path.join(unpacked, 'fonts'),
    },
  });
  browser.once('disconnected', () => rmSync(temporary, { recursive: true, force: true }));
  return browser;
}

/**
 * Unpacks the browser and its libraries once, into a cache outside the clone. The package unpacks into the temporary
 * directory and only brings its NSS libraries where it takes the machine for a Lambda: it is told so in a process
 * environment that is put back afterwards, so that programs started by the tests do not load these libraries.
 */
async function unpack(): Promise<string> {
  const manifest = findPackageJSON('@sparticuz/chromium', import.meta.url);
  if (manifest === undefined) throw new Error('@sparticuz/chromium is not installed');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const target = path.join(cache, `chromium-${version}`);
  if (await exists(path.join(target, 'chromium'))) return target;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(path.join(cache, 'chromium-partial-'));
  const before = { ...process.env };
  Object.assign(process.env, {
    TMPDIR: partial,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x',
  });
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    await packaged.executablePath();
    await writeFile(path.join(partial, 'fonts', 'fonts.conf'), fontsConfiguration(target));
    await rename(partial, target).catch((error: unknown) => {
      // Another run was faster: its copy is as good.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
    });
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

/** The package's own names only folders of a Lambda; a browser without any font ends at its first text. */
function fontsConfiguration(unpacked: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${unpacked}/fonts</dir>
  <cachedir>${unpacked}/fonts-cache</cachedir>
</fontconfig>
`;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
