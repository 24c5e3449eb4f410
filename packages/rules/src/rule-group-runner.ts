import type { Labels } from '@plimsoll/promql';
import type { AlertStates } from './alert-state.ts';
import {
  AlertLimitError,
  alertSamples,
  evaluateAlertingRule,
  evaluateRecordingRule,
  type InstantQuery,
  type RuleSample,
  type TemplateContext,
} from './evaluate-rule.ts';
import type { Rule, RuleGroup } from './rule-file.ts';

/** The effects of running a group. */
export interface RunnerEffects extends TemplateContext {
  /** Evaluates for a rule, so that the caller can tell whose query it is. */
  readonly query: (rule: RunningRule) => InstantQuery;
  /**
   * Takes what a rule wrote before the next rule is evaluated; `stale` are series that ended. Answers what is wrong
   * where some samples could not be taken, else null.
   */
  readonly append: (samples: readonly RuleSample[], stale: readonly RuleSample[]) => string | null;
  /** Any clock in milliseconds, for durations. */
  readonly now: () => number;
}

/** A rule with what its evaluations left. */
export interface RunningRule {
  readonly rule: Rule;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError: string | null;
  readonly lastEvaluationMs: number | null;
  readonly durationMs: number;
  readonly alerts: AlertStates;
}

interface RuleMemory {
  rule: Rule;
  health: 'ok' | 'err' | 'unknown';
  lastError: string | null;
  lastEvaluationMs: number | null;
  durationMs: number;
  alerts: AlertStates;
  /** Written at the last successful evaluation: what is missing from the next is marked stale. */
  series: ReadonlyMap<string, Labels>;
  /** Whether alerts were restored: ALERTS is not written before, so that the stored state can still be read. */
  restored: boolean;
}

const NO_SERIES: ReadonlyMap<string, Labels> = new Map();

/** Runs one group's rules in order, keeping alert state and marking ended series stale. Calls must not overlap. */
export class RuleGroupRunner {
  readonly group: RuleGroup;
  readonly #effects: RunnerEffects;
  readonly #memories: RuleMemory[];
  /** Series of rules a reload took away. */
  #orphans: readonly Labels[] = [];
  lastEvaluationMs: number | null = null;
  durationMs = 0;

  constructor(group: RuleGroup, effects: RunnerEffects) {
    this.group = group;
    this.#effects = effects;
    this.#memories = group.rules.map(newMemory);
  }

  get rules(): readonly RunningRule[] {
    return this.#memories;
  }

  /** Takes over the state of rules that are the same by name and labels; the others' series will be marked stale. */
  inherit(before: RuleGroupRunner): void {
    const rest = [...before.#memories];
    for (const memory of this.#memories) {
      const at = rest.findIndex(({ rule }) => identityOf(rule) === identityOf(memory.rule));
      const [same] = at === -1 ? [] : rest.splice(at, 1);
      if (!same) continue;
      const { rule } = memory;
      Object.assign(memory, same, { rule });
    }
    this.#orphans = before.#orphans.concat(rest.flatMap(seriesOf));
    this.lastEvaluationMs = before.lastEvaluationMs;
    this.durationMs = before.durationMs;
  }

  /** The rules that wait for their stored state. */
  get unrestored(): readonly RunningRule[] {
    return this.#memories.filter(({ restored }) => !restored);
  }

  /** Ends the wait, with the alerts as the store had them. From now on ALERTS is written. */
  restore(running: RunningRule, alerts: AlertStates): void {
    const memory = this.#memories.find((candidate) => candidate === running);
    if (memory) Object.assign(memory, { alerts, restored: true });
  }

  /** Evaluates all rules at `atMs`; `onRule` is called after each. Failures of rules are kept in them. */
  async evaluate(atMs: number, onRule: (rule: RunningRule) => void = () => undefined): Promise<void> {
    const startedMs = this.#effects.now();
    for (const memory of this.#memories) {
      await this.#evaluateRule(memory, atMs);
      onRule(memory);
    }
    this.#endOrphans(atMs);
    this.lastEvaluationMs = atMs;
    this.durationMs = this.#effects.now() - startedMs;
  }

  /** Stale markers for every series of the group: it was taken away. */
  end(atMs: number): void {
    this.#orphans = this.#orphans.concat(this.#memories.flatMap(seriesOf));
    this.#endOrphans(atMs);
  }

  async #evaluateRule(memory: RuleMemory, atMs: number): Promise<void> {
    const startedMs = this.#effects.now();
    const timestampMs = atMs - this.group.queryOffsetMs;
    try {
      const samples = await this.#samplesOf(memory, atMs);
      const series = new Map(samples.map(({ labels }) => [labels.key, labels] as const));
      const ended = [...memory.series].filter(([key]) => !series.has(key)).map(([, labels]) => labels);
      memory.lastError = this.#effects.append(samples, markStale(ended, timestampMs));
      memory.health = memory.lastError === null ? 'ok' : 'err';
      memory.series = series;
    } catch (error) {
      if (error instanceof AlertLimitError) memory.alerts = new Map();
      memory.health = 'err';
      memory.lastError = error instanceof Error ? error.message : String(error);
    }
    memory.lastEvaluationMs = atMs;
    memory.durationMs = this.#effects.now() - startedMs;
  }

  async #samplesOf(memory: RuleMemory, atMs: number): Promise<readonly RuleSample[]> {
    const { queryOffsetMs, limit } = this.group;
    const time = { atMs, queryOffsetMs, limit };
    const query = this.#effects.query(memory);
    if (memory.rule.kind === 'recording') return evaluateRecordingRule(memory.rule, time, query);
    memory.alerts = await evaluateAlertingRule(memory.rule, memory.alerts, time, query, this.#effects);
    return memory.restored ? alertSamples(memory.rule, memory.alerts, atMs - queryOffsetMs) : [];
  }

  #endOrphans(atMs: number): void {
    if (this.#orphans.length === 0) return;
    this.#effects.append([], markStale(this.#orphans, atMs - this.group.queryOffsetMs));
    this.#orphans = [];
  }
}

function newMemory(rule: Rule): RuleMemory {
  return {
    rule,
    health: 'unknown',
    lastError: null,
    lastEvaluationMs: null,
    durationMs: 0,
    alerts: new Map(),
    series: NO_SERIES,
    restored: rule.kind === 'recording',
  };
}

function seriesOf({ series }: RuleMemory): readonly Labels[] {
  return [...series.values()];
}

function identityOf({ kind, name, labels }: Rule): string {
  return JSON.stringify([kind, name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The value says nothing here: whoever appends writes the stale marker's bits. */
function markStale(series: readonly Labels[], timestampMs: number): RuleSample[] {
  return series.map((labels) => ({ labels, timestampMs, value: Number.NaN }));
}
