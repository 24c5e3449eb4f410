import { agentFlags, createLog, readAgentFlags, superviseAgent } from '@plimsoll/agent';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { EXIT } from '../exit-code.ts';
import { helpText, parseFlags, refusePositionals } from '../flags.ts';
import { runUntilSignal } from '../run-until-signal.ts';

/** `plimsoll agent`: collects this host and streams to a collector. */
export async function agentCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(agentFlags, args);
  if (parsed.help) {
    console.log(
      helpText('agent [FLAGS]', "Collects this host's metrics and streams them to a collector.", agentFlags),
    );
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const options = readAgentFlags(parsed.given, PLIMSOLL_VERSION);
  const log = createLog(options.logLevel, (line) => process.stdout.write(line));
  const agent = await superviseAgent(options, log);
  const { url } = await agent.ready;
  process.stdout.write(`plimsoll ready agent=${url}\n`);
  return runUntilSignal({
    onReload: () => log.info({}, 'an agent has no configuration file: nothing to reload'),
    stop: async () => agent[Symbol.asyncDispose](),
    failed: agent.exited,
  });
}
