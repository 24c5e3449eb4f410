import { rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '..');
const out = path.join(root, 'out');
/** Built aside and renamed at the end: a program that runs meanwhile finds one whole bundle or the other. */
const next = path.join(root, `out.next-${process.pid}`);
const previous = path.join(root, `out.previous-${process.pid}`);

/** Each entry runs in a process or thread of its own and is bundled alone, so that it loads nothing it does not use. */
const entries: readonly { name: string; input: string }[] = [
  { name: 'plimsoll', input: 'packages/cli/src/main.ts' },
  { name: 'agent-main', input: 'packages/agent/src/agent-main.ts' },
  { name: 'inventory-main', input: 'packages/agent/src/inventory-main.ts' },
  { name: 'writer-worker', input: 'packages/collector/src/telemetry/embedded/writer/writer-worker.ts' },
  { name: 'scrub-describe-main', input: 'packages/collector/src/scrub/describe-main.ts' },
];

// The bundler belongs to the package that ships the program; a production install has it only there.
const requireFromCli = createRequire(path.join(root, 'packages/cli/package.json'));
const requireFromWeb = createRequire(path.join(root, 'packages/web/package.json'));
const { build } = (await import(requireFromCli.resolve('rolldown'))) as typeof import('rolldown');

/**
 * Keeps a bundle's text small in memory: V8 holds it for as long as the program runs, twice as large when one character
 * is beyond Latin-1, and validation comes with its messages in fifty languages.
 */
const lean = {
  name: 'lean',
  load(id: string): string | undefined {
    return id.endsWith('/zod/v4/locales/index.js') ? `export { default as en } from './en.js';` : undefined;
  },
  renderChunk(code: string) {
    const escaped = code.replaceAll(
      /[^\0-\u00ff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    // Lines stay where they are, so the source map stays as it is.
    return { code: escaped, map: null };
  },
};

async function bundle(entry: { name: string; input: string }): Promise<void> {
  await build({
    input: { [entry.name]: path.join(root, entry.input) },
    platform: 'node',
    logLevel: 'warn',
    plugins: [lean],
    // Our packages only define things: what an entry does not use of them stays out, with the libraries behind it.
    treeshake: {
      moduleSideEffects: [
        { test: /\/packages\/(?:promql|proto|rules|forecast)\/|\/re2js\//, sideEffects: false },
      ],
    },
    output: {
      dir: next,
      format: 'esm',
      entryFileNames: '[name].js',
      // Beside the entries: code that starts a child or a thread looks for its entry in its own folder.
      chunkFileNames: `${entry.name}-[name]-[hash].js`,
      minify: false,
      comments: { legal: true, annotation: false, jsdoc: false },
      sourcemap: true,
    },
  });
}

async function buildWeb(): Promise<void> {
  const vite = (await import(
    path.join(path.dirname(requireFromWeb.resolve('vite/package.json')), 'dist/node/index.js')
  )) as {
    build: (options: object) => Promise<unknown>;
  };
  await vite.build({
    root: path.join(root, 'packages/web'),
    logLevel: 'warn',
    build: { outDir: path.join(next, 'web'), emptyOutDir: true },
  });
}

const started = Date.now();
try {
  await Promise.all([...entries.map(bundle), buildWeb()]);
  await writeFile(path.join(next, '.stamp'), '');
  await rename(out, previous).catch(() => undefined);
  await rename(next, out);
} finally {
  await rm(next, { recursive: true, force: true });
  await rm(previous, { recursive: true, force: true });
}
process.stderr.write(`plimsoll: built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
