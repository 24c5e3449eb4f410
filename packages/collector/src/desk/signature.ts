import { sha256 } from './journal/chain.ts';
import type { Resource } from './json/incident.ts';
import type { RuleRef, Signal } from './signal.ts';

/** Labels that say how bad it is or what it is about, not which thing it is. */
const NOT_IDENTITY = new Set([
  '__name__',
  'alertname',
  'alertstate',
  'severity',
  'priority',
  'category',
  'outage',
  'value',
]);

/**
 * What makes two breaches the same: the rule, the resource and the labels that identify it; no value, no time and no
 * severity, so that a warning that becomes critical stays one incident. 64 hexadecimal digits.
 */
export function signatureOf(rule: RuleRef, labels: Readonly<Record<string, string>>): string {
  const identity = Object.entries(labels)
    .filter(([name, value]) => value !== '' && !NOT_IDENTITY.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(['signature/1', rule.file, rule.group, rule.name, identity]));
}

/**
 * Tells the variants of one rule apart that share a signature, such as its warning from its critical. Not by their
 * expressions: an edited threshold goes on with the condition it had.
 */
export function conditionKeyOf({ labels }: Pick<Signal, 'labels'>): string {
  return labels['severity'] ?? '';
}

/** Identifies the rule's text an event was decided under. */
export function ruleHashOf(signal: Pick<Signal, 'rule' | 'expression'>): string {
  const { file, group, name } = signal.rule;
  return sha256(JSON.stringify([file, group, name, signal.expression]));
}

/** Labels that name a part of a host, and what such a part is called. */
const PARTS = [
  ['mountpoint', 'filesystem'],
  ['device', 'device'],
  ['cpu', 'cpu'],
] as const;

/** The impacted resources told by an alert's labels: the host, and the part of it where one is named. */
export function resourcesOf(labels: Readonly<Record<string, string>>): readonly Resource[] {
  const instance = labels['instance'];
  const resources: Resource[] = [];
  if (instance !== undefined) resources.push({ kind: 'host', name: instance, labels: { instance } });
  const part = PARTS.find(([label]) => labels[label] !== undefined);
  if (part !== undefined) {
    const [label, kind] = part;
    const value = labels[label] ?? '';
    const name = instance === undefined ? value : `${instance}:${value}`;
    const own = instance === undefined ? { [label]: value } : { instance, [label]: value };
    resources.push({ kind, name, labels: own });
  }
  return resources;
}
