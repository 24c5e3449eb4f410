import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from './generate-code.ts';
import { root, run } from './run.ts';

/** One static check: its name and what is wrong, '' when nothing is. */
export interface CheckResult {
  readonly name: string;
  readonly complaint: string;
}

const commands: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: 'format (oxfmt --check)', command: 'oxfmt', args: ['--check'] },
  { name: 'lint (oxlint)', command: 'oxlint', args: ['--deny-warnings'] },
  { name: 'types (tsc)', command: 'tsc', args: ['-p', '.'] },
  { name: 'types of the UI (tsc)', command: 'tsc', args: ['-p', 'packages/web'] },
  { name: 'types of the browser tests (tsc)', command: 'tsc', args: ['-p', 'test/browser'] },
  { name: 'unused code (knip)', command: 'knip', args: [] },
];

/** Runs every static check, one after the other: each uses all cores by itself. */
export async function runChecks(): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, command, args } of commands) {
    const { code, output } = await run(command, args);
    results.push({ name, complaint: code === 0 ? '' : output });
  }
  results.push(await checkGenerated(), await checkPaths());
  return results;
}

/** Generated code must be what the .proto files give today. */
async function checkGenerated(): Promise<CheckResult> {
  const name = 'wire contract (buf lint, generated code has no diff)';
  const file = path.join(root, 'packages/proto/src/gen/plimsoll/v1/telemetry_pb.ts');
  const before = await readFile(file, 'utf8');
  const complaint = await generate();
  if (complaint !== '') return { name, complaint };
  const same = (await readFile(file, 'utf8')) === before;
  return { name, complaint: same ? '' : `${file} was not up to date; it has been regenerated, commit it` };
}

/** What documents cite of the repository must exist. */
async function checkPaths(): Promise<CheckResult> {
  const name = 'documents (cited paths exist)';
  const { output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const files = output.split('\n').filter((file) => file !== '');
  const known = new Set(files.flatMap((file) => ancestors(file)));
  const complaints: string[] = [];
  for (const file of files.filter((each) => each.endsWith('.md'))) {
    const text = await readFile(path.join(root, file), 'utf8').catch(() => '');
    for (const [, cited] of text.matchAll(/`((?:packages|test|tools|docs|deploy)\/[\w./-]+)`/g)) {
      const plain = (cited ?? '').replace(/\/$/, '');
      if (!known.has(plain)) complaints.push(`${file} cites ${plain}, which does not exist`);
    }
  }
  return { name, complaint: complaints.join('\n') };
}

function ancestors(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
