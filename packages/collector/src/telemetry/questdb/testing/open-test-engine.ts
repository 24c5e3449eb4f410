import pino from 'pino';
import { Registry } from 'prom-client';
import type { LongTermEngine } from '../../long-term/long-term-engine.ts';
import { createQuestdbEngine } from '../create-questdb-engine.ts';
import type { QuestdbOptions } from '../questdb-options.ts';

/** An engine with metrics of its own; its warnings are added to `lines`. */
export function openTestEngine(
  options: Partial<QuestdbOptions> & { readonly url: string },
  lines: string[] = [],
): LongTermEngine {
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const runtime = { now: Date.now, log, metrics: new Registry() };
  return createQuestdbEngine({ runtime, credentials: null, ...options });
}
