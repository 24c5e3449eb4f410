import type { ServiceJson } from '@plimsoll/collector';
import { formatFacts, formatSection } from '../table.ts';
import { durationText } from '../words.ts';
import { joinPage } from './join-page.ts';

/** A service for reading: its facts and what is agreed about it. */
export function servicePage(service: ServiceJson): string {
  const { sla, slo, continuity } = service;
  return joinPage([
    `${service.name}  ${service.displayName}`,
    formatFacts([
      ['state', service.state],
      ['open incidents', service.openIncidents],
      ['owner', service.owner],
      ['tier', service.tier],
      ['agreed', service.agreed ? 'yes' : 'no, an example: no report counts it'],
      ['calendar', service.calendar],
      ['depends on', service.dependsOn],
      ['escalation', service.escalation],
      ['runbooks', service.runbooks],
      ['availability', slo === null ? null : `${slo.availability} % over ${durationText(slo.window)}`],
      ['hold pauses for', sla?.pausedBy],
    ]),
    formatSection('Respond within', targetLines(sla?.response)),
    formatSection('Resolve within', targetLines(sla?.resolution)),
    formatSection('Continuity', continuityLines(continuity)),
    formatSection('Resources', service.resources),
  ]);
}

function targetLines(targets: Readonly<Record<string, number>> = {}): string[] {
  return Object.entries(targets).map(([priority, seconds]) => `${priority}  ${durationText(seconds)}`);
}

function continuityLines(continuity: ServiceJson['continuity']): string[] {
  if (continuity === null) return [];
  const { rto, rpo, backup, recoveryPlan, drillEvery } = continuity;
  const facts = formatFacts([
    ['recovery time objective', spanText(rto)],
    ['recovery point objective', spanText(rpo)],
    ['last backup by', backup?.lastSuccess],
    ['backup every', spanText(backup?.every ?? null)],
    ['recovery plan', recoveryPlan],
    ['drill every', spanText(drillEvery)],
  ]);
  return facts === '' ? [] : facts.split('\n');
}

function spanText(seconds: number | null): string | null {
  return seconds === null ? null : durationText(seconds);
}
