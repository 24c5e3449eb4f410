import { type Expression, type Labels, METRIC_NAME } from '@plimsoll/promql';
import { activeAlerts, type AlertCandidate, type AlertStates, evolveAlerts } from './alert-state.ts';
import type { AlertingRule, NamedTemplate, RecordingRule } from './rule-file.ts';
import { expandAlertTemplate } from './template/expand-template.ts';

/** One element of an instant vector; a scalar is one without labels. */
export interface ResultSample {
  readonly labels: Labels;
  readonly value: number;
  /** A native histogram in place of the value. */
  readonly histogram?: unknown;
}

/** Evaluates an expression at an instant. Rejects with the error of the query. */
export type InstantQuery = (
  expression: Expression | string,
  timeMs: number,
) => Promise<readonly ResultSample[]>;

/** What a rule writes. */
export interface RuleSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram?: unknown;
}

/** What templates see besides the alert. */
export interface TemplateContext {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

export interface EvaluationTime {
  readonly atMs: number;
  readonly queryOffsetMs: number;
  /** Most results allowed; 0 = no limit. */
  readonly limit: number;
}

/** @throws Error when the query fails, two results collide or there are more than the limit */
export async function evaluateRecordingRule(
  rule: RecordingRule,
  time: EvaluationTime,
  query: InstantQuery,
): Promise<readonly RuleSample[]> {
  const timestampMs = time.atMs - time.queryOffsetMs;
  const results = await query(rule.expression, timestampMs);
  const changes = { ...rule.labels, [METRIC_NAME]: rule.name };
  const samples = results.map(({ labels, value, histogram }) => ({
    labels: labels.with(changes),
    timestampMs,
    value,
    histogram,
  }));
  if (new Set(samples.map(({ labels }) => labels.key)).size !== samples.length)
    throw new Error('vector contains metrics with the same labelset after applying rule labels');
  if (time.limit > 0 && samples.length > time.limit)
    throw new Error(`exceeded limit of ${time.limit} with ${samples.length} series`);
  return samples;
}

/**
 * The states of a rule's alerts after an evaluation.
 * @throws Error when the query fails, two alerts collide or there are more than the limit
 */
export async function evaluateAlertingRule(
  rule: AlertingRule,
  before: AlertStates,
  time: EvaluationTime,
  query: InstantQuery,
  context: TemplateContext,
): Promise<AlertStates> {
  const timestampMs = time.atMs - time.queryOffsetMs;
  const results = await query(rule.expression, timestampMs);
  const candidates: AlertCandidate[] = [];
  for (const result of results) candidates.push(await alertFor(rule, result, time.atMs, query, context));
  const states = evolveAlerts(before, candidates, rule, time.atMs);
  const count = activeAlerts(states).length;
  if (time.limit > 0 && count > time.limit) throw new AlertLimitError(time.limit, count);
  return states;
}

/** Too many alerts: Prometheus then forgets them all, so that the limit cannot be crossed step by step. */
export class AlertLimitError extends Error {
  override readonly name = 'AlertLimitError';
  constructor(limit: number, count: number) {
    super(`exceeded limit of ${limit} with ${count} alerts`);
  }
}

/** An alert's labels and annotations from one element of the rule's result. */
export async function alertFor(
  rule: AlertingRule,
  { labels, value }: ResultSample,
  atMs: number,
  query: InstantQuery,
  context: TemplateContext,
): Promise<AlertCandidate> {
  const data = {
    labels,
    value,
    nowMs: atMs,
    query: async (expression: string) => query(expression, atMs),
    externalLabels: context.externalLabels,
    externalUrl: context.externalUrl,
  };
  const expand = async (templates: readonly NamedTemplate[]): Promise<Record<string, string>> => {
    const entries: (readonly [string, string])[] = [];
    for (const { name, template } of templates)
      entries.push([name, await expandAlertTemplate(template, data)]);
    return Object.fromEntries(entries);
  };
  const added = await expand(rule.labelTemplates);
  return {
    labels: labels.with({ [METRIC_NAME]: '', ...added, alertname: rule.name }),
    annotations: await expand(rule.annotationTemplates),
    value,
  };
}

/** The series an alerting rule writes: ALERTS with the state, ALERTS_FOR_STATE with the second it became active. */
export function alertSamples(
  rule: AlertingRule,
  states: AlertStates,
  timestampMs: number,
): readonly RuleSample[] {
  return activeAlerts(states).flatMap(({ labels, state, activeAtMs }) => {
    const base = { ...emptyLabels(rule, labels), [METRIC_NAME]: ALERTS, alertstate: state };
    const forState = { ...base, [METRIC_NAME]: ALERTS_FOR_STATE, alertstate: labels.get('alertstate') };
    return [
      { labels: labels.with(base), timestampMs, value: 1 },
      { labels: labels.with(forState), timestampMs, value: Math.floor(activeAtMs / 1000) },
    ];
  });
}

/** A label whose template gave nothing is absent from the alert; its series carry the template's text, as in Prometheus. */
function emptyLabels({ labelTemplates }: AlertingRule, labels: Labels): Record<string, string> {
  const missing = labelTemplates.filter(({ name }) => !labels.has(name));
  return Object.fromEntries(missing.map(({ name, template }) => [name, template.source]));
}

/** The labels of an alert from those of its ALERTS_FOR_STATE series. */
export function alertLabelsOf({ labelTemplates }: AlertingRule, series: Labels): Labels {
  const unexpanded = labelTemplates.filter(
    ({ name, template }) => template.parsed && series.get(name) === template.source,
  );
  return series.without(METRIC_NAME, ...unexpanded.map(({ name }) => name));
}

export const ALERTS = 'ALERTS';
export const ALERTS_FOR_STATE = 'ALERTS_FOR_STATE';
