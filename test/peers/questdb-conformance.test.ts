import { afterAll, beforeAll, describe } from 'vitest';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { describeDeletion } from '../../packages/collector/src/telemetry/deletion-conformance.ts';
import { describeHistogramStore } from '../../packages/collector/src/telemetry/histogram-conformance.ts';
import { describeStore, NOW_MS } from '../../packages/collector/src/telemetry/store-conformance.ts';
import { EXCEPTIONS } from '../../packages/collector/src/telemetry/testing/exceptions.ts';
import { type QuestdbServer, questdbProgram, startQuestdb } from '../support/questdb.ts';

const program = await questdbProgram();

describe.skipIf('missing' in program)('a store with a real QuestDB behind it', () => {
  // One server for all tests: each has tables of its own.
  let server: QuestdbServer;
  let prefixes = 0;
  beforeAll(async () => {
    server = await startQuestdb(program);
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const harness = tieredHarness(
    () => {
      const tablePrefix = `c${prefixes++}_`;
      return Promise.resolve({
        createEngine: () => openTestEngine({ url: server.url, tablePrefix }),
        flush: () => server.settle(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
    NOW_MS,
    EXCEPTIONS.QuestDB,
  );
  describeStore('QuestDB', harness);
  describeHistogramStore('QuestDB', harness);
  describeDeletion('QuestDB', harness);
});
