import type { Labels } from '@plimsoll/promql';
import { executeTemplate } from './execute-template.ts';
import type { GoValue, TemplateSample } from './go-value.ts';
import { parseTemplate } from './parse-template.ts';
import { PendingQuery } from './template-environment.ts';
import type { ParsedTemplate } from './template-node.ts';

/** More queries than this in one template are an error: each runs at every evaluation of every alert. */
const MAX_QUERIES = 32;

/** Variables Prometheus puts before every template of an alert. */
const PREAMBLE =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** A label or annotation of an alert, ready to be expanded. */
export interface AlertTemplate {
  readonly source: string;
  /** Absent where the text holds no action and stands for itself. */
  readonly parsed: ParsedTemplate | undefined;
}

/** What an alert's templates see. */
export interface AlertTemplateData {
  readonly labels: Labels;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly value: number;
  readonly nowMs: number;
  readonly query: (expression: string) => Promise<readonly { labels: Labels; value: number }[]>;
}

/**
 * Prepares a template of an alerting rule.
 * @throws {TemplateError} where it cannot be parsed
 */
export function compileAlertTemplate(alert: string, source: string): AlertTemplate {
  if (!source.includes('{{')) return { source, parsed: undefined };
  return { source, parsed: parseTemplate(`__alert_${alert}`, PREAMBLE + source) };
}

/**
 * Expands a template. One that fails gives its error as its text, as Prometheus does: a page with a broken sentence is
 * better than none.
 */
export async function expandAlertTemplate(template: AlertTemplate, data: AlertTemplateData): Promise<string> {
  if (!template.parsed) return template.source;
  try {
    return await expand(template.parsed, data);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `<error expanding template: error executing template ${template.parsed.name}: ${reason}>`;
  }
}

/** Runs the template again each time it met a query whose answer was not known yet. */
async function expand(template: ParsedTemplate, data: AlertTemplateData): Promise<string> {
  const answers = new Map<string, readonly TemplateSample[]>();
  const root = templateRoot(data);
  const env = {
    externalUrl: data.externalUrl,
    nowMs: data.nowMs,
    query: (expression: string): readonly TemplateSample[] => {
      const answer = answers.get(expression);
      if (!answer) throw new PendingQuery(expression);
      return answer;
    },
  };
  for (;;) {
    try {
      return executeTemplate(template, root, env);
    } catch (error) {
      if (!(error instanceof PendingQuery)) throw error;
      if (answers.size >= MAX_QUERIES)
        throw new Error(`more than ${MAX_QUERIES} queries in one template`, { cause: error });
      const samples = await data.query(error.expression);
      answers.set(
        error.expression,
        samples.map(({ labels, value }) => ({ labels: new Map(labels.entries()), value })),
      );
    }
  }
}

function templateRoot(data: AlertTemplateData): GoValue {
  return new Map<string, GoValue>([
    ['Labels', new Map(data.labels.entries())],
    ['ExternalLabels', new Map(Object.entries(data.externalLabels))],
    ['ExternalURL', data.externalUrl],
    ['Value', data.value],
  ]);
}
