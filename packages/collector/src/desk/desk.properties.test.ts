import fc from 'fast-check';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { IncidentCommand } from './command.ts';
import { PlimsollError } from '../errors.ts';
import { foldEvents } from './projections/fold.ts';
import { verifyJournal } from './journal/verify-journal.ts';
import { MINUTE, breach, recovery, testDesk } from './testing.ts';
import type { TestDesk } from './testing.ts';

type Step =
  | { readonly what: 'breach' | 'recovery'; readonly host: number; readonly severity: string }
  | { readonly what: 'command'; readonly type: string; readonly number: number }
  | { readonly what: 'restart' };

const host = fc.integer({ min: 1, max: 3 });
const severity = fc.constantFrom('warning', 'critical');
const steps = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 120 }),
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ what: fc.constantFrom('breach', 'recovery'), host, severity }) },
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('command'),
          type: fc.constantFrom(
            'acknowledge',
            'resolve',
            'close',
            'cancel',
            'hold',
            'resume',
            'reopen',
            'note',
          ),
          number: fc.integer({ min: 1, max: 4 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('restart') }) },
    ) as fc.Arbitrary<Step>,
  ),
  { maxLength: 40 },
);

async function take(bench: TestDesk, step: Step): Promise<void> {
  const { desk, nowMs } = bench;
  if (step.what === 'restart') return bench.restart();
  if (step.what === 'command') {
    const command = {
      type: `incident.${step.type}`,
      id: String(step.number),
      note: 'n',
      text: 'n',
      reason: 'caller',
    };
    await desk.submit(command as IncidentCommand, { actor: { kind: 'user', id: 'bob' } });
    return undefined;
  }
  const changes = { labels: { instance: `host-${step.host}`, severity: step.severity } };
  return desk.signal(step.what === 'breach' ? breach(nowMs, changes) : recovery(nowMs, changes));
}

test('whatever happens, the desk stays true to its journal', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await using bench = await testDesk();
      for (const [minutes, step] of sequence) {
        bench.nowMs += minutes * MINUTE + 1;
        await bench.desk.tick(bench.nowMs);
        try {
          await take(bench, step);
        } catch (error) {
          expect(error).toBeInstanceOf(PlimsollError);
          expect(error).toMatchObject({ code: expect.stringMatching(/^(failed_precondition|not_found)$/) });
        }
        const open = bench.desk.incidents().items.map(({ signature }) => signature);
        expect(new Set(open).size).toBe(open.length);
      }
      await checkJournal(bench);
    }),
    { numRuns: 15 },
  );
}, 120_000);

/** The chain holds, versions have no gaps, and tables rebuilt from the journal alone say what the desk said. */
async function checkJournal(bench: TestDesk): Promise<void> {
  const { desk } = bench;
  const events = desk.eventsAfter(0);
  const verified = await verifyJournal(bench.path);
  expect(verified).toMatchObject({ faults: [], events: events.length, headHash: desk.status().headHash });
  const folded = foldEvents(events, { incident: () => undefined, problem: () => undefined });
  const before = desk.incidents({ state: 'all', limit: 1000 });
  expect(before.items.length).toBe(folded.incidents.size);
  const numbers = before.items.map(({ number }) => number).toSorted((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  await bench.restart();
  await rm(path.join(bench.path, 'projections.db'));
  await rm(path.join(bench.path, 'projections.db-wal'), { force: true });
  await bench.restart();
  expect(bench.desk.incidents({ state: 'all', limit: 1000 })).toEqual(before);
}
