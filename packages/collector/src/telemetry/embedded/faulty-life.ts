import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { Labels, createEngine } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { vi } from 'vitest';
import { PlimsollError } from '../../errors.ts';
import { FailingFiles, type FileFault } from './failing-files.ts';
import { systemFiles } from './files.ts';
import { DAY_MS } from './head/windows.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';
import { faultText } from './verify/fault.ts';
import { verifyStore } from './verify/verify-store.ts';

const DAY_0 = Date.UTC(2027, 0, 15);
const STEPS = 40;
const STEP_MS = 90 * 60 * 1000;
/** Of the first day, which retention drops. */
const STEPS_OF_DAY_0 = DAY_MS / STEP_MS;
const LOOSE_EVERY = 4;
const RETENTION_MS = 30 * DAY_MS;
/** Of series b. */
const DELETED = { from: 18, to: 21 };
/** A step of maintenance that failed is done again this often, as the collector would a minute later. */
const ATTEMPTS = 20;
/** It is opened again once. */
const STORES = 2;

const engine = createEngine();

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly err?: { readonly message: string };
}

type Stage = 'none' | 'begun' | 'done';

/** How far a life has come. */
interface State {
  sent: number;
  /** The last steps that were acknowledged. */
  frames: number;
  loose: number;
  deletion: Stage;
  drop: Stage;
}

/** What a run met, for the account of all runs. */
export interface Met {
  readonly injected: FailingFiles['injected'];
  /** How many of the planned faults came about. */
  readonly faults: number;
  /** Effects from the first to the last. */
  readonly effects: number;
}

/**
 * A test's store that lives through appends, restarts, merges, rollups, deletion and retention over a disk that fails
 * as planned; then everything that it promises is looked at, in the one place below.
 */
export class FaultyLife {
  readonly #path: string;
  readonly #files = new FailingFiles();
  readonly #lines: LogLine[] = [];
  readonly #state: State = { sent: 0, frames: 0, loose: 0, deletion: 'none', drop: 'none' };
  /** Failures that were counted, and those that whoever asked was told. */
  #failures = { commits: 0, seals: 0, thrown: 0 };
  #registry = new Registry();
  #crash: { readonly path: string; readonly state: State } | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async run(faults: readonly FileFault[]): Promise<Met> {
    let store = await this.#open(this.#path, this.#files);
    this.#files.plan(faults);
    this.#files.onFault = () => this.#copyOnce();
    for (let step = 1; step <= STEPS; step++) {
      await this.#send(store, step);
      if (step % 10 === 0) await this.#moveOn(store, () => store.compact());
      if (step === 15) store = await this.#restart(store);
      if (step === 26) await this.#delete(store);
      if (step === 34) await this.#retain(store);
    }
    const effects = this.#files.calls;
    this.#files.plan([]);
    await this.#writable(store);
    await this.#expectAll(store);
    return { injected: this.#files.injected, faults: this.#files.struck.size, effects };
  }

  /** Everything after a fault: the samples, what people and metrics are told, and that it goes on by itself. */
  async #expectAll(store: EmbeddedTelemetryStore): Promise<void> {
    await this.#expectOnce(store);
    await this.#expectAfterKill();
    await this.#expectAfterCrash();
    await store.compact();
    await this.#expectOnce(store);
    await this.#expectRolledUp(store);
    assert.equal(await this.#metric('plimsoll_store_read_only'), 0);
    await this.#close(store);
    this.#expectTold();
    assert.deepEqual((await verifyStore(this.#path)).faults.map(faultText), []);
  }

  /** One line when it begins and one when it ends, whatever the number of tries; and every fault in a counter. */
  #expectTold(): void {
    const { commits, seals, thrown } = this.#failures;
    const began = this.#lines.filter(({ msg }) => msg.includes('is read-only until'));
    const ended = this.#lines.filter(({ msg }) => msg === 'telemetry can be written again');
    for (const { level, code, msg } of began) {
      assert.equal(level, pino.levels.values['error']);
      assert.match(code ?? '', /^(out_of_space|unavailable)$/);
      // What failed, where, and what to do.
      assert.match(msg, /E[A-Z]+: .*(free some space|look at the disk)/);
      assert.ok(msg.includes(this.#path), msg);
    }
    assert.equal(ended.length, began.length);
    assert.ok(commits === 0 || began.length > 0, 'a commit failed and nobody was told');
    assert.ok(began.length <= commits + seals);
    const moved = this.#lines.filter(({ msg }) => msg.includes('could not be moved on from the log'));
    for (const { err } of moved) assert.match(err?.message ?? '', /E[A-Z]+: /);
    // Once for each kind of failure and store: the clock stands still, so that repeats are left out.
    assert.ok(moved.length <= 2 * STORES, `${moved.length} lines`);
    assert.equal(moved.length > 0, seals > 0);
    // Of cutting off what a failed write left nobody has to know: its group is refused whether or not that works.
    const serious = this.#files.failed.filter((effect) => effect !== 'truncate');
    assert.equal(commits + seals + thrown > 0, serious.length > 0, 'faults are counted, and nothing else is');
  }

  async #send(store: EmbeddedTelemetryStore, step: number): Promise<void> {
    this.#state.sent = step;
    await this.#acknowledge(store, () => store.appendFrame(frameOf(store, step)).durable);
    this.#state.frames = step;
    if (step % LOOSE_EVERY !== 0) return;
    await this.#acknowledge(store, () => store.appendSamples(samplesOf(store, step)).durable);
    this.#state.loose = step;
  }

  /** As an agent with a spool does: again until it is acknowledged. */
  async #acknowledge(store: EmbeddedTelemetryStore, append: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await append();
      } catch (error) {
        assert.match(PlimsollError.from(error).code, /^(out_of_space|unavailable)$/);
        await this.#writable(store);
      }
    }
  }

  async #writable(store: EmbeddedTelemetryStore): Promise<void> {
    await vi.waitFor(
      () => {
        this.#files.heal();
        assert.equal(store.stats().readOnlyReason, null);
      },
      { interval: 2, timeout: 30_000 },
    );
  }

  /** Maintenance, again while it fails: it is told by a counter, or by what is thrown. */
  async #moveOn(store: EmbeddedTelemetryStore, work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await this.#metric('plimsoll_store_seal_failures_total');
      try {
        await work();
        if ((await this.#metric('plimsoll_store_seal_failures_total')) === before) return;
      } catch {
        this.#failures.thrown++;
      }
      await this.#writable(store);
    }
    throw new Error(`maintenance did not succeed in ${ATTEMPTS} attempts`);
  }

  async #delete(store: EmbeddedTelemetryStore): Promise<void> {
    this.#state.deletion = 'begun';
    const matchers = [{ name: '__name__', type: '=', value: 'b' }] as const;
    const span = [timeOf(DELETED.from), timeOf(DELETED.to)] as const;
    await this.#moveOn(store, () => store.deleteSeries([matchers], ...span));
    this.#state.deletion = 'done';
    await this.#moveOn(store, () => store.cleanDeleted());
  }

  async #retain(store: EmbeddedTelemetryStore): Promise<void> {
    await this.#moveOn(store, () => store.compact());
    this.#state.drop = 'begun';
    await this.#moveOn(store, async () => {
      await store.enforceRetention(DAY_0 + DAY_MS + RETENTION_MS);
      const left = await select(store, 0, DAY_0 + DAY_MS - 1);
      if (left.length > 0) throw new Error('the first day is still there');
    });
    this.#state.drop = 'done';
  }

  async #restart(store: EmbeddedTelemetryStore): Promise<EmbeddedTelemetryStore> {
    await this.#writable(store);
    await this.#close(store);
    return this.#open(this.#path, this.#files);
  }

  async #close(store: EmbeddedTelemetryStore): Promise<void> {
    this.#failures.commits += await this.#metric('plimsoll_store_commit_failures_total');
    this.#failures.seals += await this.#metric('plimsoll_store_seal_failures_total');
    await store[Symbol.asyncDispose]();
  }

  #open(path: string, files: FailingFiles | typeof systemFiles): Promise<EmbeddedTelemetryStore> {
    const registry = new Registry();
    if (path === this.#path) this.#registry = registry;
    const sink = { write: (line: string) => void this.#lines.push(JSON.parse(line) as LogLine) };
    return openEmbeddedStore({
      path,
      runtime: {
        now: () => DAY_0 + 3 * DAY_MS,
        log: path === this.#path ? pino({}, sink) : pino({ level: 'silent' }),
        metrics: registry,
      },
      options: {
        writer: { files },
        commitIntervalMs: 1,
        retryIntervalMs: 5,
        retentionTimeMs: RETENTION_MS,
        rollupRetentionMs: 365 * DAY_MS,
      },
    });
  }

  async #metric(name: string): Promise<number> {
    return (await this.#registry.getSingleMetric(name)?.get())?.values[0]?.value ?? Number.NaN;
  }

  /** What a kill at the first fault would have left behind. */
  #copyOnce(): void {
    if (this.#crash !== null) return;
    const path = `${this.#path}-crash`;
    cpSync(this.#path, path, { recursive: true });
    this.#crash = { path, state: { ...this.#state } };
  }

  /** With a disk that works: what was acknowledged is there, what was not may be, and nothing twice. */
  async #expectAfterCrash(): Promise<void> {
    if (this.#crash === null) return;
    const { path, state } = this.#crash;
    await using store = await this.#open(path, systemFiles);
    const rows = await select(store, 0, Infinity);
    for (const name of ['a', 'b', 'c']) {
      const found = new Set(stepsOf(rows, name));
      for (let step = 1; step <= STEPS; step++) {
        const expected = expectedOf(name, step, state);
        if (expected !== 'either') assert.equal(found.has(step), expected === 'there', `${name} at ${step}`);
      }
    }
    await store[Symbol.asyncDispose]();
    assert.deepEqual((await verifyStore(path)).faults.map(faultText), []);
    rmSync(path, { recursive: true });
  }

  /** What a kill leaves behind now, opened with a disk that works. */
  async #expectAfterKill(): Promise<void> {
    const copy = `${this.#path}-copy`;
    cpSync(this.#path, copy, { recursive: true });
    await using store = await this.#open(copy, systemFiles);
    await this.#expectOnce(store);
    await store[Symbol.asyncDispose]();
    rmSync(copy, { recursive: true });
  }

  async #expectOnce(store: EmbeddedTelemetryStore): Promise<void> {
    const found = await select(store, 0, Infinity);
    const kept = Array.from({ length: STEPS }, (_, i) => i + 1).filter((step) => step > STEPS_OF_DAY_0);
    assert.deepEqual(stepsOf(found, 'a'), kept);
    assert.deepEqual(
      stepsOf(found, 'b'),
      kept.filter((step) => step < DELETED.from || step > DELETED.to),
    );
    assert.deepEqual(
      stepsOf(found, 'c'),
      kept.filter((step) => step % LOOSE_EVERY === 0),
    );
    assert.equal(found.length, 3);
    assert.deepEqual(store.receivedRanges('agent'), [{ epoch: 1, first: 1, last: STEPS }]);
  }

  /** Of the day that was dropped, its rollups count each sample once. */
  async #expectRolledUp(store: EmbeddedTelemetryStore): Promise<void> {
    const atMs = DAY_0 + DAY_MS;
    const count = async (name: string): Promise<number | undefined> => {
      const text = `count_over_time(${name}[1d])`;
      const range = { text, queryable: store, startMs: atMs, endMs: atMs, stepMs: 1000 };
      return (await engine.queryRange(range)).value.series[0]?.values[0];
    };
    assert.equal(await count('a'), STEPS_OF_DAY_0);
    assert.equal(await count('b'), STEPS_OF_DAY_0);
    assert.equal(await count('c'), STEPS_OF_DAY_0 / LOOSE_EVERY);
  }
}

/** Behind the start of the first day, so that a range over all of it has it. */
function timeOf(step: number): number {
  return DAY_0 + 60_000 + (step - 1) * STEP_MS;
}

function frameOf(store: EmbeddedTelemetryStore, step: number) {
  return {
    agentId: 'agent',
    epoch: 1,
    sequence: step,
    timestampMs: timeOf(step),
    refs: store.internSeries([Labels.of({ __name__: 'a' }), Labels.of({ __name__: 'b' })]),
    values: Float64Array.of(step, step / 4),
    backfill: false,
  };
}

function samplesOf(store: EmbeddedTelemetryStore, step: number) {
  return {
    refs: store.internSeries([Labels.of({ __name__: 'c' })]),
    timestampsMs: Float64Array.of(timeOf(step)),
    values: Float64Array.of(step * 10),
  };
}

/** What a store may and must have of a step. */
function expectedOf(name: string, step: number, state: State): 'there' | 'gone' | 'either' {
  if (step > state.sent || (name === 'c' && step % LOOSE_EVERY !== 0)) return 'gone';
  const stages: Stage[] = [];
  if (name === 'b' && step >= DELETED.from && step <= DELETED.to) stages.push(state.deletion);
  if (step <= STEPS_OF_DAY_0) stages.push(state.drop);
  if (stages.includes('done')) return 'gone';
  const isAcknowledged = step <= (name === 'c' ? state.loose : state.frames);
  return isAcknowledged && !stages.includes('begun') ? 'there' : 'either';
}

interface Row {
  readonly name: string;
  readonly steps: number[];
}

const PER_STEP: Readonly<Record<string, number>> = { a: 1, b: 1 / 4, c: 10 };

/** The steps that each series has samples of, whose values have to be theirs. */
async function select(store: EmbeddedTelemetryStore, startMs: number, endMs: number): Promise<Row[]> {
  const found = await store.select({ matchers: [], startMs, endMs });
  return found.map(({ labels, timestamps, values }) => {
    const steps = Array.from(timestamps, (atMs) => (atMs - timeOf(1)) / STEP_MS + 1);
    assert.equal(new Set(steps).size, steps.length, `${labels.name} has a time twice`);
    assert.deepEqual(
      Array.from(values),
      steps.map((step) => step * (PER_STEP[labels.name] ?? 0)),
      labels.name,
    );
    return { name: labels.name, steps };
  });
}

function stepsOf(found: readonly Row[], name: string): readonly number[] {
  return found.find((row) => row.name === name)?.steps ?? [];
}
