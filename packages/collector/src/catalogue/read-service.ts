import { parseSelector, PromqlParseError } from '@plimsoll/promql';
import type { z } from 'zod';
import { ALWAYS } from './builtin.ts';
import { PRIORITIES } from './catalogue.ts';
import type { Continuity, ResourceSelector, Service, ServiceLevelAgreement, Targets } from './catalogue.ts';
import type { serviceFileSchema } from './file-schema.ts';
import { readDuration, readOptionalDuration, readWorkDuration } from './read-duration.ts';
import type { SourceDocument } from './source-document.ts';

type ServiceFile = z.infer<typeof serviceFileSchema>;
type Spec = ServiceFile['spec'];

/** A service as its document says; selectors that are none become errors. */
export function readService(file: ServiceFile, document: SourceDocument, errors: string[]): Service {
  const { metadata, spec } = file;
  return {
    name: metadata.name,
    displayName: metadata.displayName ?? metadata.name,
    owner: spec.owner,
    tier: spec.tier,
    agreed: spec.agreed ?? true,
    selectors: readSelectors(spec.resources ?? [], document, errors),
    dependsOn: spec.dependsOn ?? [],
    slo:
      spec.slo === undefined
        ? null
        : { availability: spec.slo.availability, windowMs: readDuration(spec.slo.window) },
    sla: readSla(spec.sla),
    continuity: readContinuity(spec.continuity),
    capacity: readCapacity(spec.capacity),
    escalation: spec.escalation ?? null,
    runbooks: spec.runbooks ?? [],
  };
}

function readSelectors(
  texts: readonly string[],
  document: SourceDocument,
  errors: string[],
): readonly ResourceSelector[] {
  return texts.flatMap((text, index) => {
    try {
      return [{ text, matchers: parseSelector(text) }];
    } catch (error) {
      if (!(error instanceof PromqlParseError)) throw error;
      errors.push(
        document.at(['spec', 'resources', index], `spec.resources.${index}: no selector: ${error.detail}`),
      );
      return [];
    }
  });
}

function readSla(sla: Spec['sla']): ServiceLevelAgreement | null {
  if (sla === undefined) return null;
  const byPriority = typeof sla.calendar === 'object' ? sla.calendar : { default: sla.calendar };
  const defaultCalendar = byPriority.default ?? ALWAYS.name;
  const calendarOf = (priority: (typeof PRIORITIES)[number]): string =>
    (typeof sla.calendar === 'object' ? sla.calendar[priority] : undefined) ?? defaultCalendar;
  return {
    calendars: {
      P1: calendarOf('P1'),
      P2: calendarOf('P2'),
      P3: calendarOf('P3'),
      P4: calendarOf('P4'),
      P5: calendarOf('P5'),
    },
    defaultCalendar,
    response: readTargets(sla.response),
    resolution: readTargets(sla.resolution),
    pausedBy: sla.pausedBy ?? ['caller'],
  };
}

function readTargets(targets: Readonly<Partial<Record<string, string>>> = {}): Targets {
  return Object.fromEntries(
    PRIORITIES.flatMap((priority) => {
      const target = targets[priority];
      return target === undefined ? [] : [[priority, readWorkDuration(target)]];
    }),
  );
}

function readContinuity(continuity: Spec['continuity']): Continuity | null {
  if (continuity === undefined) return null;
  const { backup } = continuity;
  return {
    rtoMs: readOptionalDuration(continuity.rto),
    rpoMs: readOptionalDuration(continuity.rpo),
    backup:
      backup === undefined
        ? null
        : {
            lastSuccess: backup.lastSuccess,
            everyMs: readOptionalDuration(backup.every),
            durationMs: readOptionalDuration(backup.duration),
          },
    recoveryPlan: continuity.recoveryPlan ?? null,
    drillEveryMs: readOptionalDuration(continuity.drillEvery),
  };
}

function readCapacity(capacity: Spec['capacity']): Service['capacity'] {
  if (capacity === undefined) return null;
  const { headroom } = capacity;
  return {
    leadTimeMs: readOptionalDuration(capacity.leadTime),
    headroom: headroom === undefined ? null : Number(headroom.slice(0, -1)) / 100,
    costPerMonth: capacity.costPerMonth ?? {},
    currency: capacity.currency ?? null,
  };
}
