import { collectorFlags } from '@plimsoll/collector';
import { EXIT } from '../exit-code.ts';
import { helpText, parseFlags, refusePositionals } from '../flags.ts';
import { announce, openCollector, printConfig } from '../open-collector.ts';
import { PRINT_CONFIG_FLAG } from '../print-config-flag.ts';
import { runUntilSignal } from '../run-until-signal.ts';

/** `plimsoll collector`: ingest, store, rules, desk, API and UI, without an agent of its own. */
export async function collectorCommand(args: readonly string[]): Promise<number> {
  const flags = [...collectorFlags, PRINT_CONFIG_FLAG];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) {
    console.log(
      helpText(
        'collector [FLAGS]',
        'Runs a collector. SIGHUP reloads its configuration, SIGTERM drains and ends it.',
        flags,
      ),
    );
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const { 'print-config': print, ...given } = parsed.given;
  if (print === true) {
    await printConfig(given);
    return EXIT.ok;
  }
  const { collector, config } = await openCollector(given);
  await announce(config.storagePath, { web: collector.webUrl, grpc: collector.grpcAddress });
  return runUntilSignal({
    onReload: () => void collector.reload().catch(() => undefined),
    stop: async () => collector[Symbol.asyncDispose](),
  });
}
