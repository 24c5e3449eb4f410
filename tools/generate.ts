import { generate } from './generate-code.ts';
import { run } from './run.ts';

/** `tools/dev generate`: the wire contract's code, the shipped rules as TypeScript, and the reference pages. */
const complaint = await generate();
if (complaint !== '') {
  console.error(complaint);
  process.exitCode = 1;
}
for (const script of ['packages/rules/generate-packs.ts', 'packages/cli/src/reference/write-reference.ts']) {
  const { code, output } = await run('node', [script]);
  if (code === 0) continue;
  console.error(output);
  process.exitCode = 1;
}
