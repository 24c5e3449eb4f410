import path from 'node:path';
import { agentFlags, type AgentFlag, readAgentFlags, superviseAgent } from '@plimsoll/agent';
import { collectorFlags } from '@plimsoll/collector';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { EXIT } from '../exit-code.ts';
import { type Flag, type FlagValue, helpText, parseFlags, refusePositionals } from '../flags.ts';
import { announce, openCollector, printConfig } from '../open-collector.ts';
import { PRINT_CONFIG_FLAG } from '../print-config-flag.ts';
import { runUntilSignal } from '../run-until-signal.ts';

const PREFIX = 'agent.';
/** `start` knows where its own collector listens. */
const ownAgentFlags = agentFlags.filter(({ name }) => name !== 'collector.address');

/** `plimsoll start`: a collector and this host's agent. */
export async function startCommand(args: readonly string[]): Promise<number> {
  const flags: readonly Flag[] = [...collectorFlags, PRINT_CONFIG_FLAG, ...ownAgentFlags.map(prefixed)];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) {
    const summary =
      'Runs a collector and the agent of this host. SIGHUP reloads, SIGTERM drains and ends both.';
    console.log(helpText('start [FLAGS]', summary, flags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const { 'print-config': print, ...given } = parsed.given;
  const [ofAgent, ofCollector] = split(given);
  // A wrong agent flag must be told before anything is opened.
  await namingOwnFlags(async () => readAgentFlags(ofAgent, PLIMSOLL_VERSION));
  if (print === true) {
    await printConfig(ofCollector);
    return EXIT.ok;
  }
  return run(ofCollector, ofAgent);
}

async function run(
  ofCollector: Record<string, FlagValue>,
  ofAgent: Record<string, FlagValue>,
): Promise<number> {
  const { collector, config, runtime } = await openCollector(ofCollector);
  try {
    const options = readAgentFlags(
      {
        'spool.path': path.join(config.storagePath, 'agent'),
        'log.level': config.logLevel === 'trace' ? 'debug' : config.logLevel,
        ...ofAgent,
        'collector.address': collector.grpcAddress,
      },
      PLIMSOLL_VERSION,
    );
    const agent = await namingOwnFlags(async () => superviseAgent(options, runtime.log));
    try {
      const { url } = await namingOwnFlags(async () => agent.ready);
      await announce(config.storagePath, { web: collector.webUrl, grpc: collector.grpcAddress, agent: url });
      return await runUntilSignal({
        onReload: () => void collector.reload().catch(() => undefined),
        // The agent first: its last frames are still acknowledged.
        stop: async () => agent[Symbol.asyncDispose](),
      });
    } finally {
      await agent[Symbol.asyncDispose]();
    }
  } finally {
    await collector[Symbol.asyncDispose]();
  }
}

/** The agent names its flags as its own command has them: here they are written with the prefix. */
async function namingOwnFlags<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) {
      error.message = error.message.replaceAll(/(^| )--([a-z][\w.-]*)/g, (written, before: string, name) =>
        ownAgentFlags.some((flag) => flag.name === name) ? `${before}--${PREFIX}${name}` : written,
      );
    }
    throw error;
  }
}

function prefixed(flag: AgentFlag): Flag {
  const fallback = flag.name === 'spool.path' ? '<storage.path>/agent' : flag.default;
  return { ...flag, name: PREFIX + flag.name, default: fallback };
}

function split(
  given: Readonly<Record<string, FlagValue>>,
): [Record<string, FlagValue>, Record<string, FlagValue>] {
  const ofAgent: Record<string, FlagValue> = {};
  const ofCollector: Record<string, FlagValue> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith(PREFIX)) ofAgent[name.slice(PREFIX.length)] = value;
    else ofCollector[name] = value;
  }
  return [ofAgent, ofCollector];
}
