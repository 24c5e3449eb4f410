import { Hono } from 'hono';
import { labelPredicate } from '../../alertmanager/silence.ts';
import type { AlertStatus, Evaluation, GroupStatus, RuleStatus } from '../../evaluation/evaluation.ts';
import { formatExponent } from './format-sample.ts';
import { PrometheusError } from './prometheus-error.ts';
import { asParameter } from './parse-errors.ts';
import type { QueryEngine } from './query-engine.ts';
import { respond } from './respond.ts';

/** Go's zero time, which Prometheus shows for "never". */
const NEVER = '0001-01-01T00:00:00Z';

type AlertingRuleStatus = Extract<RuleStatus, { kind: 'alerting' }>;

export interface RulesRouteServices {
  readonly rules: Pick<Evaluation, 'groups'>;
  readonly queries: Pick<QueryEngine, 'parseSelector'>;
}

/** /rules and /alerts. */
export function rulesRoutes({ rules, queries }: RulesRouteServices): Hono {
  const routes = new Hono();
  routes.get('/alerts', (context) => {
    const alerts = rules
      .groups()
      .flatMap((group) => group.rules)
      .flatMap((rule) => (rule.kind === 'alerting' ? rule.alerts.map(alertJson) : []));
    return respond(context, { alerts });
  });
  routes.get('/rules', (context) => {
    const filter = readFilter(new URL(context.req.url).searchParams, queries);
    const groups = rules
      .groups()
      .filter(({ name, file }) => matchesAny(filter.groups, name) && matchesAny(filter.files, file))
      .map((group) => groupJson(group, filter));
    const narrowed = filter.names.length > 0 || filter.selectors.length > 0;
    return respond(
      context,
      narrowed ? { groups: groups.filter((group) => group.rules.length > 0) } : { groups },
    );
  });
  return routes;
}

interface RuleFilter {
  readonly type: '' | 'alert' | 'record';
  readonly names: readonly string[];
  readonly groups: readonly string[];
  readonly files: readonly string[];
  /** What the labels a rule adds must meet, one of them. */
  readonly selectors: readonly ((labels: Readonly<Record<string, string>>) => boolean)[];
  readonly withoutAlerts: boolean;
}

function readFilter(query: URLSearchParams, queries: Pick<QueryEngine, 'parseSelector'>): RuleFilter {
  const type = (query.get('type') ?? '').toLowerCase();
  if (type !== '' && type !== 'alert' && type !== 'record') {
    throw PrometheusError.invalidParameter('type', `not supported value "${type}"`);
  }
  const excludeAlerts = (query.get('exclude_alerts') ?? '').toLowerCase();
  if (!['', 'true', 'false', '1', '0', 't', 'f'].includes(excludeAlerts)) {
    throw PrometheusError.invalidParameter('exclude_alerts', 'it must be true or false');
  }
  return {
    type,
    names: query.getAll('rule_name[]'),
    groups: query.getAll('rule_group[]'),
    files: query.getAll('file[]'),
    selectors: query
      .getAll('match[]')
      .map((selector) => labelPredicate(asParameter('match[]', () => queries.parseSelector(selector)))),
    withoutAlerts: ['true', '1', 't'].includes(excludeAlerts),
  };
}

function matchesAny(wanted: readonly string[], name: string): boolean {
  return wanted.length === 0 || wanted.includes(name);
}

function groupJson(group: GroupStatus, filter: RuleFilter) {
  return {
    name: group.name,
    file: group.file,
    rules: group.rules.filter((rule) => isWanted(rule, filter)).map((rule) => ruleJson(rule, filter)),
    interval: group.intervalSeconds,
    limit: group.limit,
    evaluationTime: group.evaluationSeconds,
    lastEvaluation: timeJson(group.lastEvaluationMs),
  };
}

function isWanted(rule: RuleStatus, filter: RuleFilter): boolean {
  if (filter.type !== '' && filter.type !== (rule.kind === 'alerting' ? 'alert' : 'record')) return false;
  if (!matchesAny(filter.names, rule.name)) return false;
  return filter.selectors.length === 0 || filter.selectors.some((covers) => covers(rule.labels));
}

function ruleJson(rule: RuleStatus, filter: RuleFilter) {
  const common = {
    health: rule.health,
    ...(rule.lastError === null ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationSeconds,
    lastEvaluation: timeJson(rule.lastEvaluationMs),
  };
  if (rule.kind === 'recording') {
    const labels = Object.keys(rule.labels).length === 0 ? {} : { labels: rule.labels };
    return { name: rule.name, query: rule.expression, ...labels, ...common, type: 'recording' };
  }
  return {
    state: stateOf(rule),
    name: rule.name,
    query: rule.expression,
    duration: rule.forSeconds,
    keepFiringFor: rule.keepFiringForSeconds,
    labels: rule.labels,
    annotations: rule.annotations,
    alerts: filter.withoutAlerts ? [] : rule.alerts.map(alertJson),
    ...common,
    type: 'alerting',
  };
}

function stateOf(rule: AlertingRuleStatus): 'firing' | 'pending' | 'inactive' {
  if (rule.alerts.some((alert) => alert.state === 'firing')) return 'firing';
  return rule.alerts.length > 0 ? 'pending' : 'inactive';
}

function alertJson(alert: AlertStatus) {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    state: alert.state,
    activeAt: timeJson(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === null ? {} : { keepFiringSince: timeJson(alert.keepFiringSinceMs) }),
    value: formatExponent(alert.value),
  };
}

function timeJson(timeMs: number | null): string {
  return timeMs === null ? NEVER : new Date(timeMs).toISOString();
}
