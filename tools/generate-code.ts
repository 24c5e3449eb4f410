import path from 'node:path';
import { root, run } from './run.ts';

const proto = path.join(root, 'packages/proto');

/** Lints the .proto files and regenerates their TypeScript. Answers what is wrong, '' when nothing is. */
export async function generate(): Promise<string> {
  const env = { PATH: `${path.join(proto, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` };
  for (const args of [['lint'], ['generate']]) {
    const { code, output } = await run('buf', args, { cwd: proto, env });
    if (code !== 0) return `buf ${args.join(' ')} failed:\n${output}`;
  }
  return breaking(env);
}

/** The wire contract may only grow: it is compared with the last release tag, once there is one. */
async function breaking(env: Record<string, string>): Promise<string> {
  const tag = await run('git', ['describe', '--tags', '--abbrev=0', '--match', 'v*']);
  if (tag.code !== 0) return '';
  const against = `${path.join(root, '.git')}#tag=${tag.output.trim()},subdir=packages/proto`;
  const { code, output } = await run('buf', ['breaking', '--against', against], { cwd: proto, env });
  return code === 0 ? '' : `buf breaking against ${tag.output.trim()}:\n${output}`;
}
