import { readFile } from 'node:fs/promises';
import { runPromqlTest } from '@plimsoll/promql';

/** Runs one `.test` file and prints a line for each failed case. */
export async function testPromqlFile(file: string): Promise<{ passed: number; failed: number }> {
  const { passed, failed, failures } = await runPromqlTest(await readFile(file, 'utf8'), file);
  for (const { name, line, query, message } of failures) console.log(`${name}:${line}: ${query}: ${message}`);
  return { passed, failed };
}
