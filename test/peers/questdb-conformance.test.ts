import { afterAll, beforeAll, describe } from 'vitest';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { describeStore } from '../../packages/collector/src/telemetry/store-conformance.ts';
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

  describeStore(
    'QuestDB',
    tieredHarness(() => {
      const tablePrefix = `c${prefixes++}_`;
      return Promise.resolve({
        createEngine: () => openTestEngine({ url: server.url, tablePrefix }),
        flush: () => server.settle(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    }),
  );
});
