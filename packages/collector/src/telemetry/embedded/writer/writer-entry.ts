/**
 * Where the writer's thread starts: `writer-worker.ts` beside this file when the sources run, `writer-worker.js`
 * beside the bundle otherwise.
 */
export function writerEntry(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./writer-worker.${extension}`, import.meta.url);
}
