import type { HostFacts } from './facts.ts';
import type { AgentOptions } from './options.ts';

/** What the supervisor tells the agent's process. */
export type ToAgent =
  | { readonly kind: 'start'; readonly options: AgentOptions }
  | { readonly kind: 'facts'; readonly facts: HostFacts };

/** What the agent's process tells its supervisor. */
export type FromAgent =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: number };
