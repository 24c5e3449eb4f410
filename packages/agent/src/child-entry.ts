import path from 'node:path';

/**
 * The file a child process starts from. Sources lie in one folder as .ts; the bundler puts each entry beside its
 * callers as .js.
 */
export function childEntry(name: 'agent-main' | 'inventory-main'): string {
  return path.join(import.meta.dirname, name + path.extname(import.meta.filename));
}
