import type { Calendar, Catalogue, DayHours, PriorityMatrix, Service } from './catalogue.ts';

const HOUR_MS = 3_600_000;
const WHOLE_DAY: readonly DayHours[] = [{ fromMinute: 0, toMinute: 1440 }];

/** The calendar used where none is named. */
export const ALWAYS: Calendar = {
  name: '24x7',
  zone: 'UTC',
  week: Array.from({ length: 7 }, () => WHOLE_DAY),
  holidays: [],
};

/** P = impact + urgency - 1. */
export const DEFAULT_MATRIX: PriorityMatrix = {
  name: 'default',
  rows: [
    ['P1', 'P2', 'P3'],
    ['P2', 'P3', 'P4'],
    ['P3', 'P4', 'P5'],
  ],
};

/** The name of the service that owns what no other service matches. */
export const DEFAULT_SERVICE_NAME = 'this-host';

/** An example that lets a first start show the whole story; nobody agreed to it, so reports leave it out. */
const DEFAULT_SERVICE: Service = {
  name: DEFAULT_SERVICE_NAME,
  displayName: 'This host',
  owner: 'operators',
  tier: 3,
  agreed: false,
  selectors: [],
  dependsOn: [],
  slo: { availability: 99.5, windowMs: 30 * 24 * HOUR_MS },
  sla: {
    calendars: { P1: ALWAYS.name, P2: ALWAYS.name, P3: ALWAYS.name, P4: ALWAYS.name, P5: ALWAYS.name },
    defaultCalendar: ALWAYS.name,
    response: {
      P1: { days: 0, ms: HOUR_MS / 4 },
      P2: { days: 0, ms: HOUR_MS / 2 },
      P3: { days: 0, ms: 4 * HOUR_MS },
      P4: { days: 1, ms: 0 },
      P5: { days: 2, ms: 0 },
    },
    resolution: {
      P1: { days: 0, ms: 4 * HOUR_MS },
      P2: { days: 0, ms: 8 * HOUR_MS },
      P3: { days: 2, ms: 0 },
      P4: { days: 5, ms: 0 },
      P5: { days: 10, ms: 0 },
    },
    pausedBy: ['caller'],
  },
  continuity: {
    rtoMs: 4 * HOUR_MS,
    rpoMs: 24 * HOUR_MS,
    backup: null,
    recoveryPlan: null,
    drillEveryMs: null,
  },
  capacity: null,
  escalation: null,
  runbooks: [],
};

/** What is there before any file is read, and when there is none. */
export function builtinCatalogue(): Catalogue {
  return {
    services: [DEFAULT_SERVICE],
    calendars: new Map([[ALWAYS.name, ALWAYS]]),
    matrix: DEFAULT_MATRIX,
    escalationPolicies: new Map(),
  };
}
