import { EXIT, UsageError } from '../exit-code.ts';
import type { FileCheck } from '../file-check.ts';
import { helpText, parseFlags } from '../flags.ts';

const CHECKS: Readonly<Record<string, () => Promise<FileCheck>>> = {
  config: async () => (await import('../check-config-files.ts')).checkConfigFiles,
  rules: async () => (await import('../check-rule-files.ts')).checkRuleFiles,
  services: async () => (await import('../check-service-files.ts')).checkServiceFiles,
};
const KINDS = Object.keys(CHECKS);

/** `plimsoll check config|rules|services FILE...`. */
export async function checkCommand([kind = '--help', ...args]: readonly string[]): Promise<number> {
  const parsed = await parseFlags([], args);
  if (kind === '--help' || kind === '-h' || parsed.help) {
    const summary = 'Checks files as a start or reload would. Exit code 78 when one has a fault.';
    console.log(helpText(`check ${KINDS.join('|')} FILE...`, summary, []));
    return EXIT.ok;
  }
  const load = CHECKS[kind];
  if (load === undefined) {
    throw new UsageError(`nothing to check is called "${kind}"; valid: ${KINDS.join(', ')}`);
  }
  if (parsed.positionals.length === 0) throw new UsageError(`FILE missing: plimsoll check ${kind} FILE...`);
  const { lines, faults } = await (await load())(parsed.positionals);
  for (const line of lines) console.log(line);
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? EXIT.ok : EXIT.configuration;
}
