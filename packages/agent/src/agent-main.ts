import { type Agent, startAgent } from './agent.ts';
import type { FromAgent, ToAgent } from './agent-messages.ts';
import { encodeFacts } from './facts.ts';
import { createLog } from './log.ts';
import type { AgentOptions } from './options.ts';
import { StartError } from './start-error.ts';

let starting: Promise<Agent | undefined> | undefined;

function tell(message: FromAgent): void {
  process.send?.(message);
}

async function start(options: AgentOptions): Promise<Agent | undefined> {
  const log = createLog(options.logLevel, (line) => process.stdout.write(line), { name: 'agent' });
  try {
    const agent = await startAgent(options, log);
    tell({ kind: 'ready', url: agent.url });
    return agent;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const exitCode = error instanceof StartError ? error.exitCode : 1;
    tell({ kind: 'failed', message, exitCode });
    process.exitCode = exitCode;
    process.disconnect?.();
    return undefined;
  }
}

async function stop(): Promise<void> {
  const agent = await starting;
  await agent?.[Symbol.asyncDispose]();
  process.exit();
}

process.on('message', (message: ToAgent) => {
  if (message.kind === 'start') starting = start(message.options);
  else void starting?.then((agent) => agent?.sendFacts(encodeFacts(message.facts)));
});
// The supervisor asks by the first, an administrator by either; without a supervisor there is no inventory.
process.once('disconnect', () => void stop());
process.once('SIGTERM', () => void stop());
// A terminal sends this to the whole group: the supervisor hears it too, and ends the agent in order.
process.on('SIGINT', () => undefined);
