import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The packs in the order they are loaded. */
const NAMES = ['capacity', 'availability'];

/** The TypeScript that carries the packs: a bundled program has no folder beside it to read them from. */
export function packsSource(): string {
  const packs = NAMES.map((name) => {
    const contents = readFileSync(path.join(import.meta.dirname, 'packs', `${name}.yml`), 'utf8');
    return `  {\n    file: 'shipped/${name}.yml',\n    contents: ${asTemplate(contents)},\n  },\n`;
  });
  return (
    `// Generated from packages/rules/packs by packages/rules/generate-packs.ts. Not edited by hand.\n\n` +
    `/** The rule files that come with the program: a name that cannot be a path of the user's, and the YAML. */\n` +
    `export const shippedPacks: readonly { readonly file: string; readonly contents: string }[] = [\n${packs.join('')}];\n`
  );
}

function asTemplate(text: string): string {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}

if (import.meta.main) writeFileSync(path.join(import.meta.dirname, 'src/packs.ts'), packsSource());
