import type { Node } from 'yaml';
import type { FileProblem } from '../rule-file.ts';
import { YamlReader } from '../yaml-reader.ts';

/** A unit-test file of promtool, read. Durations and times are milliseconds. */
export interface RuleTestFile {
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly groupOrder: readonly string[];
  /** Lets compared numbers differ in the last bit. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  readonly intervalMs: number;
  readonly startMs: number;
  readonly series: readonly { readonly series: string; readonly values: string }[];
  readonly alerts: readonly AlertExpectation[];
  readonly expressions: readonly ExpressionExpectation[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

interface AlertExpectation {
  readonly atMs: number;
  readonly alertname: string;
  readonly expected: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

export interface ExpressionExpectation {
  readonly atMs: number;
  readonly expression: string;
  readonly expected: readonly {
    readonly labels: string;
    readonly value: number;
    readonly histogram: string;
  }[];
}

const DEFAULT_INTERVAL_MS = 60_000;

const FIELDS = {
  file: ['rule_files', 'evaluation_interval', 'group_eval_order', 'tests', 'fuzzy_compare'],
  test: [
    'interval',
    'input_series',
    'alert_rule_test',
    'promql_expr_test',
    'external_labels',
    'external_url',
    'name',
    'start_timestamp',
  ],
  series: ['series', 'values'],
  alert: ['eval_time', 'alertname', 'exp_alerts'],
  expectedAlert: ['exp_labels', 'exp_annotations'],
  expression: ['expr', 'eval_time', 'exp_samples'],
  sample: ['labels', 'value', 'histogram'],
};

/** Reads a unit-test file; it may be run only when there are no problems. */
export function parseRuleTestFile(
  file: string,
  contents: string,
  options: { ignoreUnknownFields?: boolean } = {},
): { readonly testFile: RuleTestFile; readonly problems: readonly FileProblem[] } {
  const yaml = new YamlReader(file, contents, options);
  const top = yaml.fields(yaml.root, 'main.unitTestFile', FIELDS.file);
  const evaluationIntervalMs =
    yaml.duration(top.get('evaluation_interval'), 'evaluation_interval') || DEFAULT_INTERVAL_MS;
  const groupOrder = yaml
    .list(top.get('group_eval_order'), 'group_eval_order')
    .map((node) => yaml.text(node, 'group'));
  const repeated = groupOrder.find((name, i) => groupOrder.indexOf(name) !== i);
  if (repeated !== undefined)
    yaml.report(top.get('group_eval_order'), `group name repeated in evaluation order: ${repeated}`);
  const testFile = {
    ruleFiles: yaml.list(top.get('rule_files'), 'rule_files').map((node) => yaml.text(node, 'rule file')),
    evaluationIntervalMs,
    groupOrder,
    fuzzyCompare: yaml.text(top.get('fuzzy_compare'), 'fuzzy_compare') === 'true',
    tests: yaml.list(top.get('tests'), 'tests').map((node) => readTest(yaml, node, evaluationIntervalMs)),
  };
  return { testFile, problems: yaml.problems };
}

function readTest(yaml: YamlReader, node: Node | null, evaluationIntervalMs: number): RuleTest {
  const fields = yaml.fields(node, 'main.testGroup', FIELDS.test);
  return {
    name: yaml.text(fields.get('name'), 'name'),
    intervalMs: yaml.duration(fields.get('interval'), 'interval') || evaluationIntervalMs,
    startMs: readStart(yaml, fields.get('start_timestamp')),
    series: yaml.list(fields.get('input_series'), 'input_series').map((entry) => {
      const series = yaml.fields(entry, 'main.series', FIELDS.series);
      return {
        series: yaml.text(series.get('series'), 'series'),
        values: yaml.text(series.get('values'), 'values'),
      };
    }),
    alerts: yaml
      .list(fields.get('alert_rule_test'), 'alert_rule_test')
      .map((entry) => readAlert(yaml, entry)),
    expressions: yaml
      .list(fields.get('promql_expr_test'), 'promql_expr_test')
      .map((entry) => readExpression(yaml, entry)),
    externalLabels: yaml.texts(fields.get('external_labels'), 'external_labels'),
    externalUrl: yaml.text(fields.get('external_url'), 'external_url'),
  };
}

/** Seconds since the epoch, or RFC 3339. */
function readStart(yaml: YamlReader, node: Node | null | undefined): number {
  const text = yaml.text(node, 'start_timestamp');
  const ms = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (text === '') return 0;
  if (!Number.isNaN(ms)) return ms;
  yaml.report(node, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return 0;
}

function readAlert(yaml: YamlReader, node: Node | null): AlertExpectation {
  const fields = yaml.fields(node, 'main.alertTestCase', FIELDS.alert);
  const alertname = yaml.text(fields.get('alertname'), 'alertname');
  if (alertname === '')
    yaml.report(node, 'an item under alert_rule_test misses required attribute alertname');
  return {
    atMs: yaml.duration(fields.get('eval_time'), 'eval_time') ?? 0,
    alertname,
    expected: yaml.list(fields.get('exp_alerts'), 'exp_alerts').map((entry) => {
      const alert = yaml.fields(entry, 'main.alert', FIELDS.expectedAlert);
      return {
        labels: yaml.texts(alert.get('exp_labels'), 'exp_labels'),
        annotations: yaml.texts(alert.get('exp_annotations'), 'exp_annotations'),
      };
    }),
  };
}

function readExpression(yaml: YamlReader, node: Node | null): ExpressionExpectation {
  const fields = yaml.fields(node, 'main.promqlTestCase', FIELDS.expression);
  return {
    atMs: yaml.duration(fields.get('eval_time'), 'eval_time') ?? 0,
    expression: yaml.text(fields.get('expr'), 'expr'),
    expected: yaml.list(fields.get('exp_samples'), 'exp_samples').map((entry) => {
      const sample = yaml.fields(entry, 'main.sample', FIELDS.sample);
      return {
        labels: yaml.text(sample.get('labels'), 'labels'),
        value: readNumber(yaml, sample.get('value')),
        histogram: yaml.text(sample.get('histogram'), 'histogram'),
      };
    }),
  };
}

function readNumber(yaml: YamlReader, node: Node | null | undefined): number {
  const text = yaml.text(node, 'value').toLowerCase();
  if (text === '') return 0;
  const special = /^([+-]?)\.?inf$/.exec(text);
  if (special) return special[1] === '-' ? -Infinity : Infinity;
  if (text === '.nan' || text === 'nan') return Number.NaN;
  const value = Number(text.replaceAll('_', ''));
  if (Number.isNaN(value)) yaml.report(node, `cannot read ${JSON.stringify(text)} as a number`);
  return value;
}
