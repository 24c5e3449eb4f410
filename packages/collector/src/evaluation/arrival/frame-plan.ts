import type { Labels } from '@plimsoll/promql';
import { INSTANCE } from '@plimsoll/rules';
import type { ArrivedFrame } from '../../hosts/host-registry.ts';
import { NO_SERIES, type TelemetryStore } from '../../telemetry/store.ts';
import type { ArrivalRule } from './arrival-rule.ts';
import { type CompiledElement, compileCondition, type SlotLabels } from './compile-condition.ts';

/** One element of a rule on one host, with the labels its alert would have. */
export interface PlannedElement extends CompiledElement {
  readonly alertLabels: Labels;
}

/** What to do with frames of one dictionary: rules compiled to its slots, and rules the engine has to evaluate. */
export interface FramePlan {
  readonly compiled: readonly { readonly rule: ArrivalRule; readonly elements: readonly PlannedElement[] }[];
  readonly queried: readonly ArrivalRule[];
}

/** Samples this close to the frame's time are looked at to learn which series it holds, milliseconds. */
const AROUND_MS = 1;

/** Makes the plan for a dictionary, from the first frame seen of it. */
export async function planFrame(
  frame: ArrivedFrame,
  rules: readonly ArrivalRule[],
  store: TelemetryStore,
): Promise<FramePlan> {
  const slots = await readSlots(frame, store);
  const names = new Set(slots.map((labels) => labels?.name));
  const compiled: { rule: ArrivalRule; elements: readonly PlannedElement[] }[] = [];
  const queried: ArrivalRule[] = [];
  for (const rule of rules) {
    if (rule.metricNames !== undefined && !rule.metricNames.some((name) => names.has(name))) continue;
    const elements = rule.plainLabels && compileCondition(rule.rule.expression, slots);
    if (elements) {
      if (elements.length > 0)
        compiled.push({ rule, elements: elements.map((element) => withAlertLabels(rule, element)) });
    } else if (rule.rule.forMs === 0) queried.push(rule);
  }
  return { compiled, queried };
}

function withAlertLabels(rule: ArrivalRule, { labels, read }: CompiledElement): PlannedElement {
  return { labels, read, alertLabels: labels.with({ ...rule.rule.labels, alertname: rule.rule.name }) };
}

async function readSlots(
  { instance, timestampMs, refs }: ArrivedFrame,
  store: TelemetryStore,
): Promise<SlotLabels> {
  const matcher = { name: INSTANCE, type: '=', value: instance } as const;
  const series = await store.series([[matcher]], timestampMs - AROUND_MS, timestampMs + AROUND_MS);
  const numbers = store.internSeries(series);
  const byRef = new Map<number, Labels>();
  series.forEach((labels, i) => byRef.set(numbers[i] ?? NO_SERIES, labels));
  byRef.delete(NO_SERIES);
  return Array.from(refs, (ref) => byRef.get(ref));
}
