import { readFile } from 'node:fs/promises';
import { EXIT, UsageError } from '../exit-code.ts';
import { helpText, parseFlags } from '../flags.ts';

/** Answers what a file holds, in a few words; throws with every fault of it. */
type Check = (file: string) => Promise<string>;

const CHECKS: Readonly<Record<string, () => Promise<Check>>> = {
  config: async () => (await import('../check-config-file.ts')).checkConfigFile,
  rules: async () => (await import('../check-rule-file.ts')).checkRuleFile,
};

/** `plimsoll check config|rules|services FILE...`. */
export async function checkCommand([kind = '--help', ...args]: readonly string[]): Promise<number> {
  const parsed = await parseFlags([], args);
  if (kind === '--help' || kind === '-h' || parsed.help) {
    console.log(
      helpText(
        `check ${Object.keys(CHECKS).join('|')} FILE...`,
        'Checks files as a start or reload would. Exit code 78 when one has a fault.',
        [],
      ),
    );
    return EXIT.ok;
  }
  const load = CHECKS[kind];
  if (load === undefined) {
    throw new UsageError(`nothing to check called "${kind}"; valid: ${Object.keys(CHECKS).join(', ')}`);
  }
  if (parsed.positionals.length === 0) throw new UsageError(`FILE missing: plimsoll check ${kind} FILE...`);
  const check = await load();
  let faulty = 0;
  for (const file of parsed.positionals) {
    try {
      await readFile(file);
      console.log(`${file}: ${await check(file)}`);
    } catch (error) {
      faulty++;
      console.error(error instanceof Error ? error.message : String(error));
    }
  }
  return faulty === 0 ? EXIT.ok : EXIT.configuration;
}
