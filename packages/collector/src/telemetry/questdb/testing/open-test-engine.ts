import pino from 'pino';
import { Registry } from 'prom-client';
import type { LongTermEngine } from '../../long-term/long-term-engine.ts';
import { createQuestdbEngine } from '../create-questdb-engine.ts';
import type { QuestdbOptions } from '../questdb-options.ts';

/** An engine with metrics of its own that logs errors only. */
export function openTestEngine(options: Partial<QuestdbOptions> & { readonly url: string }): LongTermEngine {
  const runtime = { now: Date.now, log: pino({ level: 'fatal' }), metrics: new Registry() };
  return createQuestdbEngine({ runtime, credentials: null, ...options });
}
