import { describe, expect, it } from 'vitest';
import type { Status } from '../api/types.ts';
import { troublesOf } from './troubles.ts';

const well = {
  ready: true,
  ingest: { lagSeconds: 0.2 },
  store: {
    readOnlyReason: null,
    longTerm: null,
    damagedCount: 0,
    damagedFiles: [] as Status['store']['damagedFiles'],
  },
  rules: { lastError: null },
  configuration: { lastReloadSuccessful: true, error: null },
} as Status;

describe('troublesOf', () => {
  it('is silent about a monitor that works', () => {
    expect(troublesOf(well)).toEqual([]);
    expect(troublesOf({ ...well, ingest: { ...well.ingest, lagSeconds: null } })).toEqual([]);
  });

  it('says each trouble in a sentence, the worst first', () => {
    const troubles = troublesOf({
      ...well,
      store: {
        ...well.store,
        readOnlyReason: 'the disk is full',
        longTerm: {
          fault: 'connection_refused',
          message: 'http://a:1 is away',
          since: '2026-01-01T00:00:00Z',
        },
        damagedCount: 2,
        damagedFiles: [{ file: 'a.db', message: 'a.db: page 3 changed', foundAt: null }],
      },
      configuration: {
        ...well.configuration,
        lastReloadSuccessful: false,
        error: 'rules.yml:3: unknown key',
      },
      ingest: { ...well.ingest, lagSeconds: 90 },
    });
    expect(troubles).toEqual([
      'The store takes no samples: the disk is full.',
      '2 stored files are damaged: a.db: page 3 changed.',
      'Telemetry waits in the queue: http://a:1 is away.',
      'The last reload failed and the earlier configuration is in force: rules.yml:3: unknown key.',
      'Samples arrive 1 min 30 s late.',
    ]);
  });
});
