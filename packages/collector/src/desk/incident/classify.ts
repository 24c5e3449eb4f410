import { categorySchema, severitySchema } from '../json/common.ts';
import type { Category, Severity } from '../json/common.ts';
import type { BreachSignal } from '../signal.ts';

/** A rule that says nothing is a warning. */
export function severityOf(labels: Readonly<Record<string, string>>): Severity {
  const parsed = severitySchema.safeParse(labels['severity']);
  return parsed.success ? parsed.data : 'warning';
}

const HINTS: readonly (readonly [RegExp, Category])[] = [
  [/\bup\b\s*(\{[^}]*\})?\s*==\s*0|\babsent(_over_time)?\s*\(/, 'availability'],
  [/backup/, 'backup'],
  [/filesystem|predict_linear|MemAvailable|inodes|_free_|_avail_|_size_bytes/, 'capacity'],
];

/** The rule's label says it; else what the expression looks at. */
export function categoryOf(signal: Pick<BreachSignal, 'labels' | 'expression'>): Category {
  const parsed = categorySchema.safeParse(signal.labels['category']);
  if (parsed.success) return parsed.data;
  return HINTS.find(([pattern]) => pattern.test(signal.expression))?.[1] ?? 'performance';
}

/** Whether the service is unusable while it lasts: then the recovery time counts. */
export function isOutage(labels: Readonly<Record<string, string>>, category: Category): boolean {
  return labels['outage'] === 'true' || category === 'availability';
}

/** What people read first. */
export function titleOf(signal: Pick<BreachSignal, 'labels' | 'annotations' | 'rule'>): string {
  const { annotations, labels, rule } = signal;
  const told = annotations['summary'] ?? annotations['title'] ?? annotations['description'];
  if (told !== undefined && told.trim() !== '') return told.trim();
  const instance = labels['instance'];
  return instance === undefined ? rule.name : `${rule.name} on ${instance}`;
}
