import { type Expression, parseExpression, quoteGo } from '@plimsoll/promql';
import type { Node } from 'yaml';
import type { FileProblem, NamedTemplate, Rule, RuleGroup } from './rule-file.ts';
import { compileAlertTemplate } from './template/expand-template.ts';
import { YamlReader } from './yaml-reader.ts';

export interface ParsedRuleFile {
  readonly groups: readonly RuleGroup[];
  /** Empty when the file may be used. */
  readonly problems: readonly FileProblem[];
}

const FILE_FIELDS = ['groups'];
const GROUP_FIELDS = ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'];
const RULE_FIELDS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/** More rules than this in one file are refused. */
const MAX_RULES = 20_000;

/**
 * Reads a rule file in Prometheus' format. All problems are found, not only the first; their messages are those of
 * promtool where it has the check.
 * @param file its name, for messages and for telling groups of several files apart
 */
export function parseRuleFile(
  file: string,
  contents: string,
  options: { ignoreUnknownFields?: boolean } = {},
): ParsedRuleFile {
  const yaml = new YamlReader(file, contents, options);
  const top = yaml.fields(yaml.root, 'rulefmt.RuleGroups', FILE_FIELDS);
  const names = new Set<string>();
  const groups = yaml.list(top.get('groups'), 'groups').map((node) => readGroup(yaml, node, names));
  const count = groups.reduce((sum, group) => sum + group.rules.length, 0);
  if (count > MAX_RULES) yaml.report(yaml.root, `the file has ${count} rules, more than ${MAX_RULES}`);
  return { groups, problems: yaml.problems };
}

function readGroup(yaml: YamlReader, node: Node | null, names: Set<string>): RuleGroup {
  const fields = yaml.fields(node, 'rulefmt.RuleGroup', GROUP_FIELDS);
  const name = yaml.text(fields.get('name'), 'name');
  if (name === '') yaml.report(node, 'Groupname must not be empty');
  if (names.has(name)) yaml.report(node, `groupname: "${name}" is repeated in the same file`);
  names.add(name);
  const labels = yaml.texts(fields.get('labels'), 'labels');
  for (const problem of labelProblems(labels)) yaml.report(fields.get('labels'), problem);
  const limit = yaml.integer(fields.get('limit'), 'limit');
  return {
    file: yaml.file,
    name,
    intervalMs: yaml.duration(fields.get('interval'), 'interval') || undefined,
    queryOffsetMs: yaml.duration(fields.get('query_offset'), 'query_offset') ?? 0,
    limit,
    rules: yaml
      .list(fields.get('rules'), 'rules')
      .map((rule, i) => readRule(yaml, rule, { group: name, number: i + 1, labels }))
      .filter((rule) => rule !== undefined),
  };
}

interface RulePlace {
  readonly group: string;
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
}

function readRule(yaml: YamlReader, node: Node | null, place: RulePlace): Rule | undefined {
  const fields = yaml.fields(node, 'rulefmt.Rule', RULE_FIELDS);
  const record = yaml.text(fields.get('record'), 'record');
  const alert = yaml.text(fields.get('alert'), 'alert');
  const name = alert === '' ? record : alert;
  const where = `group ${quoteGo(place.group)}, rule ${place.number}, ${quoteGo(name)}`;
  const report = (at: Node | null | undefined, problem: string): void =>
    yaml.report(at ?? node, `${where}: ${problem}`);
  if (record !== '' && alert !== '')
    report(fields.get('record'), "only one of 'record' and 'alert' must be set");
  if (record === '' && alert === '') report(node, "one of 'record' or 'alert' must be set");
  const text = yaml.text(fields.get('expr'), 'expr');
  const expression = readExpression(text, (problem) => report(fields.get('expr'), problem));
  const labels = yaml.texts(fields.get('labels'), 'labels');
  const annotations = yaml.texts(fields.get('annotations'), 'annotations');
  const forMs = yaml.duration(fields.get('for'), 'for') ?? 0;
  const keepFiringForMs = yaml.duration(fields.get('keep_firing_for'), 'keep_firing_for') ?? 0;
  for (const problem of labelProblems(labels)) report(fields.get('labels'), problem);
  if (record !== '') {
    const used = {
      annotations: Object.keys(annotations).length > 0,
      for: forMs !== 0,
      keep_firing_for: keepFiringForMs !== 0,
    };
    for (const problem of recordingProblems(record, used)) report(fields.get('record'), problem);
  }
  const compile = (kind: string, texts: Readonly<Record<string, string>>): NamedTemplate[] =>
    compileTemplates(alert, kind, texts, (key, problem) =>
      report(yaml.child(fields.get(`${kind}s`), key), problem),
    );
  const allLabels = { ...place.labels, ...labels };
  const labelTemplates = alert === '' ? [] : compile('label', allLabels);
  const annotationTemplates = alert === '' ? [] : compile('annotation', annotations);
  if (!expression) return undefined;
  const base = { name, text, expression, labels: allLabels, line: yaml.place(node).line };
  if (alert === '') return { kind: 'recording', ...base };
  return {
    kind: 'alerting',
    ...base,
    forMs,
    keepFiringForMs,
    annotations,
    labelTemplates,
    annotationTemplates,
  };
}

function readExpression(text: string, report: (problem: string) => void): Expression | undefined {
  if (text === '') {
    report("field 'expr' must be set in rule");
    return undefined;
  }
  try {
    return parseExpression(text);
  } catch (error) {
    report(`could not parse expression: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function compileTemplates(
  alert: string,
  kind: string,
  texts: Readonly<Record<string, string>>,
  report: (key: string, problem: string) => void,
): NamedTemplate[] {
  const templates: NamedTemplate[] = [];
  for (const [name, text] of Object.entries(texts)) {
    try {
      templates.push({ name, template: compileAlertTemplate(alert, text) });
    } catch (error) {
      report(name, `${kind} ${quoteGo(name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return templates;
}

/** Names may be any UTF-8 text but empty, as in Prometheus 3; `__name__` belongs to the metric. */
function* labelProblems(labels: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(labels)) {
    if (name === '' || name === '__name__' || !name.isWellFormed()) yield `invalid label name: ${name}`;
    if (!value.isWellFormed()) yield `invalid label value: ${value}`;
  }
}

function* recordingProblems(name: string, used: Readonly<Record<string, boolean>>): Generator<string> {
  for (const [field, isUsed] of Object.entries(used))
    if (isUsed) yield `invalid field '${field}' in recording rule`;
  if (!name.isWellFormed()) yield `invalid recording rule name: ${name}`;
  if (/[{}]/.test(name)) yield `braces present in the recording rule name; should it be in expr?: ${name}`;
}
