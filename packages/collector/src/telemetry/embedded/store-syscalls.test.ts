import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbeddedStore } from './open-embedded-store.ts';
import { faultText } from './verify/fault.ts';
import { verifyStore } from './verify/verify-store.ts';
import { budget, randomOf, seedOf } from '../../../../../test/support/budget.ts';

const ROUNDS = budget({ short: 2, long: 70 });
const STEPS = 40;
/** Steps of the first day, which retention drops. */
const DROPPED = 16;
const START_MS = Date.UTC(2027, 0, 15);
const CHILD = fileURLToPath(new URL('./fault-child.ts', import.meta.url));
const TRACER = '/usr/bin/strace';

/** What the file system may answer, by Linux' manual pages. The pool of the runtime needs `write` itself: of that only the log's fail. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  write: ['ENOSPC', 'EIO', 'EDQUOT'],
  pwrite64: ['ENOSPC', 'EIO', 'EDQUOT'],
  fdatasync: ['EIO', 'ENOSPC', 'EDQUOT'],
  fsync: ['EIO', 'ENOSPC'],
  ftruncate: ['EIO', 'EROFS'],
  unlink: ['EIO', 'EROFS'],
  rename: ['ENOSPC', 'EIO'],
};

/** Why system calls cannot be made to fail here, or undefined. */
function cannotInject(): string | undefined {
  try {
    execFileSync(TRACER, ['-f', '-e', 'inject=fsync:error=EIO', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const reason = cannotInject();
if (reason !== undefined) process.stdout.write(`failing system calls are skipped: ${reason}\n`);

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-syscalls-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Report {
  commits: number;
  seals: number;
  readOnly: number;
  thrown: number;
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

interface Run {
  readonly code: number | null;
  readonly acknowledged: number;
  readonly openFailures: readonly string[];
  readonly report: Report | undefined;
  readonly log: readonly LogLine[];
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function run(data: string, under: readonly string[]): Promise<Run> {
  const args = [CHILD, '--path', data, '--steps', String(STEPS), '--start', String(START_MS)];
  const [command, ...before] = [...under, process.execPath];
  const child = spawn(command, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  await once(child, 'close');
  const told = lines(out);
  const last = told.at(-1);
  if (child.exitCode !== 0) throw new Error(`the child ended with ${child.exitCode}: ${errors}`);
  return {
    code: child.exitCode,
    acknowledged: Math.max(0, ...told.map(({ acknowledged }) => Number(acknowledged ?? 0))),
    openFailures: told.flatMap(({ openFailed }) => (typeof openFailed === 'string' ? [openFailed] : [])),
    report: last !== undefined && 'commits' in last ? (last as unknown as Report) : undefined,
    log: lines(errors) as unknown as LogLine[],
  };
}

/** Only the log's files, by name: strace takes no patterns. */
function logFiles(data: string): string[] {
  return Array.from({ length: 60 }, (_, i) =>
    path.join(data, 'log', `${String(i + 1).padStart(10, '0')}.log`),
  );
}

function tracer(data: string, calls: readonly string[], trace: string, ...more: string[]): string[] {
  const paths = calls.includes('write') ? logFiles(data).flatMap((file) => ['-P', file]) : [];
  return [TRACER, '-f', '--seccomp-bpf', ...paths, '-e', `trace=${calls.join(',')}`, '-o', trace, ...more];
}

/** How often each thread makes a call: a counter of strace's is one thread's. */
function callsOf(trace: string, call: string): number[] {
  const byThread = new Map<string, number>();
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const [, thread] = new RegExp(`^(\\d+) +${call}\\(`).exec(line) ?? [];
    if (thread !== undefined) byThread.set(thread, (byThread.get(thread) ?? 0) + 1);
  }
  return [...byThread.values()];
}

/** What of the samples the store has, and whether each is right and there once. */
async function expectOnce(data: string): Promise<void> {
  await using store = await openEmbeddedStore({
    path: data,
    runtime: { now: () => START_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
  });
  const found = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
  const kept = Array.from({ length: STEPS - DROPPED }, (_, i) => DROPPED + 1 + i);
  const steps = found.map(({ labels, timestamps, values }) => ({
    name: labels.name,
    at: Array.from(timestamps, (ms) => (ms - START_MS - 60_000) / 5_400_000 + 1),
    values: Array.from(values, (value) => (labels.name === 'a' ? value : value * 4)),
  }));
  expect(steps).toEqual(['a', 'b'].map((name) => ({ name, at: kept, values: kept })));
  expect(store.receivedRanges('agent')).toEqual([{ epoch: 1, first: 1, last: STEPS }]);
}

/** People, metrics and the state afterwards. */
function expectTold({ report, log, openFailures }: Run, data: string): void {
  const began = log.filter(({ msg }) => msg.includes('is read-only until'));
  const ended = log.filter(({ msg }) => msg === 'telemetry can be written again');
  for (const { level, msg } of began) {
    expect(level).toBe(50);
    expect(msg).toContain(data);
    expect(msg).toMatch(/free some space|look at the disk/);
  }
  for (const message of openFailures) expect(message, 'says which directory').toContain(data);
  expect(ended).toHaveLength(began.length);
  expect(report?.readOnly).toBe(0);
  const { commits = 0, seals = 0 } = report ?? {};
  if (commits > 0) expect(began.length).toBeGreaterThan(0);
  const moved = log.filter(({ msg }) => msg.includes('could not be moved on from the log'));
  expect(moved.length > 0).toBe(seals > 0);
  expect(moved.length).toBeLessThanOrEqual(2);
}

it.skipIf(reason !== undefined)(
  'a store whose system calls fail loses and doubles nothing, says so, and goes on by itself',
  { timeout: 900_000 },
  async () => {
    const seed = seedOf(`failing system calls: ${ROUNDS} rounds`);
    const random = randomOf(seed);
    const data = path.join(root, 'rehearsal');
    const trace = path.join(root, 'trace');
    const counted = Object.keys(ERRORS).filter((call) => call !== 'write');
    expect((await run(data, tracer(data, counted, trace))).code).toBe(0);
    const calls = new Map(counted.map((call) => [call, callsOf(trace, call)]));
    // A group of appends is a step's, and a few more.
    calls.set('write', [STEPS]);
    const account = new Map<string, number>();
    const kinds = [...calls.keys()].filter((call) => (calls.get(call) ?? []).length > 0);
    const firstKind = Math.floor(random() * kinds.length);
    let refusedOpens = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const call = kinds[(firstKind + round) % kinds.length] ?? '';
      const counts = calls.get(call) ?? [];
      const total = counts.reduce((sum, each) => sum + each, 0);
      let nth = Math.floor(random() * total);
      for (const each of counts) {
        if (nth < each) break;
        nth -= each;
      }
      const errors = ERRORS[call] ?? [];
      const error = errors[Math.floor(random() * errors.length)] ?? 'EIO';
      const lasts = random() < 0.5 ? 0 : Math.floor(random() * 8);
      const when = `inject=${call}:error=${error}:when=${nth + 1}..${nth + 1 + lasts}`;
      const roundData = path.join(root, `round-${round}`);
      const what = `round ${round}, PLIMSOLL_SEED=${seed}: ${when}`;
      try {
        const first = await run(roundData, tracer(roundData, [call], trace, '-e', when));
        const injected = readFileSync(trace, 'utf8').match(/\(INJECTED\)/g)?.length ?? 0;
        account.set(`${call} ${error}`, (account.get(`${call} ${error}`) ?? 0) + injected);
        refusedOpens += first.openFailures.length;
        expectTold(first, roundData);
        await expectOnce(roundData);
        expect((await verifyStore(roundData)).faults.map(faultText), what).toEqual([]);
      } catch (cause) {
        throw new Error(what, { cause });
      }
      rmSync(roundData, { recursive: true });
    }
    const sum = [...account.values()].reduce((a, b) => a + b, 0);
    const text = [...account]
      .map(([kind, count]) => `${kind} ${count}`)
      .sort()
      .join(', ');
    process.stdout.write(
      `failing system calls: ${sum} in ${ROUNDS} rounds, ${refusedOpens} refused opens, seed ${seed}: ${text}\n`,
    );
    expect(sum).toBeGreaterThan(ROUNDS / 2);
  },
);
