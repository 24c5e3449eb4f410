import type { IncidentJson } from '@plimsoll/collector';
import { describe, expect, it } from 'vitest';
import { incidentPage } from './incident-page.ts';

const clock = (
  state: 'running' | 'paused' | 'met' | 'breached',
  dueAt: string | null,
  remaining: number,
) => ({
  target: 14_400,
  dueAt,
  remaining,
  state,
});
const continuity = {
  rto: 3600,
  rpo: 86_400,
  rtoDueAt: '2026-03-27T13:00:00.000Z',
  achievedRecovery: null,
  rtoMet: null,
  backupAgeAtOnset: 7200,
  rpoMet: true,
};
const sla = {
  response: clock('running', '2026-03-27T15:12:00.000Z', 11_520),
  resolution: clock('paused', null, 7200),
};
const service = {
  name: 'orders',
  displayName: 'Orders',
  owner: 'shop',
  tier: 1,
  agreed: true,
  calendar: '24x7',
};
const incident: IncidentJson = {
  ...service,
  id: 'i-1',
  number: 7,
  state: 'on_hold',
  title: 'Disk full',
  description: null,
  category: 'capacity',
  severity: 'critical',
  impact: 1,
  urgency: 2,
  priority: 'P2',
  service: 'orders',
  services: [{ ...service, sla, continuity }],
  resources: [{ kind: 'host', name: 'web-1', labels: {} }],
  labels: { alertname: 'DiskFull' },
  annotations: {},
  signature: 's',
  occurrence: 1,
  previous: null,
  firing: true,
  onsetAt: '2026-03-27T11:58:00.000Z',
  onsetUncertainty: 10,
  detectedAt: '2026-03-27T12:00:00.000Z',
  openedAt: '2026-03-27T12:00:00.000Z',
  acknowledgedAt: null,
  resolvedAt: null,
  recoveredAt: null,
  closedAt: null,
  assignee: null,
  hold: { reason: 'vendor', since: '2026-03-27T12:00:00.000Z', note: 'parts' },
  major: false,
  outage: false,
  unreachable: false,
  rule: null,
  expression: 'up == 0',
  value: 0.98,
  threshold: 0.9,
  sla,
  continuity,
  problem: null,
  knownErrors: [],
  runbooks: [],
  suspectChanges: [],
  forecast: null,
  timeline: [
    {
      at: '2026-03-27T12:00:00.000Z',
      type: 'incident.opened',
      actor: { kind: 'system', id: 'rules' },
      text: 'Opened\nby a rule',
      data: { raw: true },
    },
  ],
};

describe('incidentPage', () => {
  it('has facts, clocks and entries one a line, and no JSON', () => {
    const lines = incidentPage(incident, Date.parse('2026-03-27T12:00:00Z')).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'INC-7  Disk full',
        'state       on hold, still firing',
        'on hold     vendor since 2026-03-27 12:00:00 UTC: parts',
        'assignee    nobody',
        'value       0.98, threshold 0.9',
        '  orders  Orders, owner shop, tier 1',
        '    response    running, 3 h 12 min left (due 2026-03-27 15:12:00 UTC)',
        '    resolution  paused, 2 h left of 4 h',
        '    recovery    objective 1 h (due 2026-03-27 13:00:00 UTC)',
        '    backup      2 h old at the onset, objective 1 d, met',
        '  2026-03-27 12:00:00 UTC  rules: Opened by a rule',
      ]),
    );
    expect(lines.join('\n')).not.toMatch(/[{}]|null/);
  });
});
