import { createHash } from 'node:crypto';
import type { Labels } from '@plimsoll/promql';
import { INSTANCE } from '@plimsoll/rules';
import type { ArrivedFrame } from '../../hosts/host-registry.ts';
import { NO_SERIES, type TelemetryStore } from '../../telemetry/store.ts';
import { MAX_FRAME_SHAPES } from '../limits.ts';
import type { ArrivalRule } from './arrival-rule.ts';
import { type CompiledElement, compileCondition, type SlotLabels } from './compile-condition.ts';

/** What to do with frames of one shape: rules compiled to its slots, and rules the engine has to evaluate. */
export interface FramePlan {
  readonly compiled: readonly CompiledRule[];
  readonly queried: readonly QueriedRule[];
}

/** A rule for the engine, with the slots of the series it reads. */
interface QueriedRule {
  readonly rule: ArrivalRule;
  readonly inputs: readonly number[];
}

/** Labels of the elements are without `instance`: the host's name comes with the frame. */
interface CompiledRule {
  readonly rule: ArrivalRule;
  readonly elements: readonly CompiledElement[];
}

/** Samples this close to the frame's time are looked at to learn which series it holds, milliseconds. */
const AROUND_MS = 1;

/** Plans by dictionary; hosts whose series differ in the host's name alone share theirs. */
export class FramePlans {
  readonly #rules: readonly ArrivalRule[];
  readonly #store: TelemetryStore;
  readonly #byRefs = new WeakMap<Uint32Array, FramePlan>();
  readonly #byShape = new Map<string, FramePlan>();

  constructor(rules: readonly ArrivalRule[], store: TelemetryStore) {
    this.#rules = rules;
    this.#store = store;
  }

  /** The plan made before for this dictionary. */
  known(refs: Uint32Array): FramePlan | undefined {
    return this.#byRefs.get(refs);
  }

  /** Makes or finds the plan for a dictionary, from the first frame seen of it. */
  async learn(frame: ArrivedFrame): Promise<FramePlan> {
    const slots = await readSlots(frame, this.#store);
    const shape = shapeOf(slots);
    let plan = this.#byShape.get(shape);
    if (plan === undefined) {
      plan = planSlots(slots, this.#rules);
      if (this.#byShape.size >= MAX_FRAME_SHAPES) this.#byShape.clear();
      this.#byShape.set(shape, plan);
    }
    this.#byRefs.set(frame.refs, plan);
    return plan;
  }
}

function planSlots(slots: SlotLabels, rules: readonly ArrivalRule[]): FramePlan {
  const names = new Set(slots.map((labels) => labels?.name));
  const compiled: CompiledRule[] = [];
  const queried: QueriedRule[] = [];
  for (const rule of rules) {
    if (rule.metricNames !== undefined && !rule.metricNames.some((name) => names.has(name))) continue;
    const elements = rule.compilable ? compileCondition(rule.rule.expression, slots) : undefined;
    if (elements === undefined) {
      if (rule.rule.forMs === 0) queried.push({ rule, inputs: inputsOf(rule, slots) });
    } else if (elements.length > 0) compiled.push({ rule, elements });
  }
  return { compiled, queried };
}

function inputsOf({ metricNames }: ArrivalRule, slots: SlotLabels): readonly number[] {
  return slots.flatMap((labels, slot) =>
    metricNames === undefined || metricNames.includes(labels?.name ?? '') ? [slot] : [],
  );
}

async function readSlots(
  { instance, timestampMs, refs }: ArrivedFrame,
  store: TelemetryStore,
): Promise<SlotLabels> {
  const matcher = { name: INSTANCE, type: '=', value: instance } as const;
  const series = await store.series([[matcher]], timestampMs - AROUND_MS, timestampMs + AROUND_MS);
  const numbers = store.internSeries(series);
  const byRef = new Map<number, Labels>();
  series.forEach((labels, i) => byRef.set(numbers[i] ?? NO_SERIES, labels.without(INSTANCE)));
  byRef.delete(NO_SERIES);
  return Array.from(refs, (ref) => byRef.get(ref));
}

function shapeOf(slots: SlotLabels): string {
  const hash = createHash('sha256');
  for (const labels of slots) hash.update(`${labels?.pairs.join('\0') ?? ''}\0\0`);
  return hash.digest('base64');
}
