import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Labels } from '@plimsoll/promql';
import { alertFor, INSTANCE, type InstantQuery } from '@plimsoll/rules';
import type { ArrivedFrame } from '../../hosts/host-registry.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import type { EvaluatedGroup, GroupServices } from '../evaluated-group.ts';
import {
  ARRIVAL_QUERY_BURST_MS,
  ARRIVAL_QUERY_MS_PER_S,
  ARRIVAL_SLICE_MS,
  MAX_WAITING_FRAMES,
  STALE_FRAME_MS,
} from '../limits.ts';
import { restrictToInstance } from '../tracking-queryable.ts';
import { type ArrivalRule, arrivalRules } from './arrival-rule.ts';
import type { CompiledElement } from './compile-condition.ts';
import { ChangedInputs } from './changed-inputs.ts';
import { FramePlans } from './frame-plan.ts';
import { TimeBudget } from './time-budget.ts';

/**
 * Judges durable live frames as they come, at their own timestamps, so that a breach without `for` reaches the desk in
 * milliseconds. Nothing is written and nothing is ended here: ticks do that.
 */
export class ArrivalEvaluation implements AsyncDisposable {
  readonly #services: GroupServices;
  readonly #stopListening: () => void;
  readonly #warn: ReturnType<typeof limitRepeats>;
  /** Frames waiting, one a host, the newest wins. */
  readonly #waiting = new Map<string, ArrivedFrame>();
  readonly #inputs = new ChangedInputs();
  readonly #budget = new TimeBudget(ARRIVAL_QUERY_MS_PER_S, ARRIVAL_QUERY_BURST_MS, performance.now());
  #rules: readonly ArrivalRule[] = [];
  #plans: FramePlans;
  #draining: Promise<void> | undefined;
  #stopped = false;

  constructor(services: GroupServices) {
    this.#services = services;
    this.#plans = new FramePlans([], services.options.store);
    this.#warn = limitRepeats(services.options.runtime, LOG_REPEAT_MS);
    this.#stopListening = services.options.hosts.onFrame((frame) => this.#take(frame));
  }

  /** Judges by the rules of these groups from now on. */
  use(groups: readonly EvaluatedGroup[]): void {
    this.#rules = arrivalRules(groups);
    this.#plans = new FramePlans(this.#rules, this.#services.options.store);
  }

  #take(frame: ArrivedFrame): void {
    const { arrivals } = this.#services.metrics;
    if (this.#stopped || this.#rules.length === 0) return;
    if (this.#waiting.delete(frame.instance)) arrivals.inc({ outcome: 'coalesced' });
    else if (this.#waiting.size >= MAX_WAITING_FRAMES) {
      arrivals.inc({ outcome: 'skipped' });
      return;
    }
    this.#waiting.set(frame.instance, frame);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    let sliceEndsMs = performance.now() + ARRIVAL_SLICE_MS;
    for (;;) {
      const [next] = this.#waiting.values();
      if (next === undefined || this.#stopped) break;
      this.#waiting.delete(next.instance);
      try {
        await this.#judge(next);
        this.#services.metrics.arrivals.inc({ outcome: 'done' });
      } catch (error) {
        this.#services.metrics.arrivals.inc({ outcome: 'failed' });
        this.#warn(
          next.instance,
          { err: error, instance: next.instance },
          'a frame could not be judged on arrival',
        );
      }
      if (performance.now() < sliceEndsMs) continue;
      await nextTurn();
      sliceEndsMs = performance.now() + ARRIVAL_SLICE_MS;
    }
    this.#draining = undefined;
  }

  async #judge(frame: ArrivedFrame): Promise<void> {
    const plan = this.#plans.known(frame.refs) ?? (await this.#plans.learn(frame));
    for (const compiled of plan.compiled) {
      const { ledger } = compiled.rule;
      for (const element of compiled.elements) {
        const value = element.read(frame.values);
        if (value !== undefined) await this.#holds(frame, compiled.rule, element, value);
        else if (ledger.untold > 0) ledger.noteHealthyArrival(alertLabels(compiled.rule, element, frame));
      }
    }
    if (plan.queried.length === 0) return;
    const changed = this.#inputs.take(frame);
    if (this.#services.options.runtime.now() - frame.timestampMs > STALE_FRAME_MS) {
      this.#services.metrics.arrivals.inc({ outcome: 'skipped' });
      return;
    }
    for (const { rule, inputs } of plan.queried) {
      if (!changed(inputs)) continue;
      if (this.#budget.isSpent(performance.now()))
        this.#services.metrics.arrivals.inc({ outcome: 'left_to_tick' });
      else await this.#query(frame, rule);
    }
  }

  async #holds(
    frame: ArrivedFrame,
    rule: ArrivalRule,
    element: CompiledElement,
    value: number,
  ): Promise<void> {
    if (rule.ledger.noteArrival(alertLabels(rule, element, frame), frame.timestampMs) === 'known') return;
    await this.#arrive(frame, rule, { labels: element.labels.with({ [INSTANCE]: frame.instance }), value });
  }

  async #query(frame: ArrivedFrame, rule: ArrivalRule): Promise<void> {
    const startedMs = performance.now();
    const results = await this.#queryFor(frame)(rule.rule.expression, frame.timestampMs);
    this.#budget.spend(performance.now() - startedMs);
    for (const result of results) await this.#arrive(frame, rule, result);
  }

  async #arrive(
    frame: ArrivedFrame,
    { rule, ledger }: ArrivalRule,
    result: Parameters<typeof alertFor>[1],
  ): Promise<void> {
    const { options } = this.#services;
    const { engine, store } = options;
    const templateQuery: InstantQuery = async (expression, timeMs) => engine(expression, timeMs, store);
    const candidate = await alertFor(rule, result, frame.timestampMs, templateQuery, options);
    const intervalMs = options.hosts.host(frame.instance)?.collectIntervalMs ?? 0;
    ledger.arrive(candidate, frame.timestampMs, options.runtime.now(), intervalMs);
  }

  #queryFor({ instance }: ArrivedFrame): InstantQuery {
    const { engine, store } = this.#services.options;
    const restricted = restrictToInstance(store, instance);
    return async (expression, timeMs) => engine(expression, timeMs, restricted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    await this.#draining;
  }
}

function alertLabels({ rule }: ArrivalRule, { labels }: CompiledElement, { instance }: ArrivedFrame): Labels {
  return labels.with({ [INSTANCE]: instance, ...rule.labels, alertname: rule.name });
}
