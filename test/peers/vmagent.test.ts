import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counterpart, debianProgram } from '../support/debian.ts';
import { goProgram } from '../support/go-module.ts';
import { type Program, startProgram } from '../support/program.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { waitFor } from '../support/wait-for.ts';
import { remoteWrite } from './differential/remote-write.ts';
import { startExactTarget } from './support/exact-target.ts';
import { expectExact, rawSamples } from './support/expect-exact.ts';
import { startRecordingProxy } from './support/recording-proxy.ts';
import { startVmAgent } from './support/start-vmagent.ts';

const debian = await debianProgram('victoria-metrics', 'vmagent');
const newest = await goProgram({
  module: 'github.com/VictoriaMetrics/VictoriaMetrics',
  version: 'v1.150.0',
  main: 'app/vmagent',
  inCi: true,
});

interface Sender {
  readonly name: string;
  readonly program: Counterpart;
  readonly args: readonly string[];
  /** The encodings it tries, in order; it stays with the last. */
  readonly encodings: readonly string[];
}

const senders: readonly Sender[] = [
  { name: 'vmagent of Debian', program: debian, args: [], encodings: ['snappy'] },
  { name: 'vmagent 1.150', program: newest, args: [], encodings: ['zstd', 'snappy'] },
  {
    name: "vmagent 1.150, told to use Prometheus' protocol",
    program: newest,
    args: ['-remoteWrite.forcePromProto'],
    encodings: ['snappy'],
  },
  {
    // It packs each block again when it is refused.
    name: 'vmagent 1.150, told to use its own protocol',
    program: newest,
    args: ['-remoteWrite.forceVMProto'],
    encodings: ['zstd', 'snappy'],
  },
];

const COMPLAINT = /\t(?:warn|error|fatal|panic)\t/;

describe('the collector takes', () => {
  let program: Program;
  beforeAll(async () => {
    // A vmagent sends by several queues at once, so that newer samples overtake older ones.
    program = await startProgram({
      command: 'collector',
      config: 'shippedRules: false\nstorage: {tsdb: {out_of_order_time_window: 1m}}\n',
    });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it.concurrent.for(senders)('sample by sample what $name writes', async (sender, { skip }) => {
    skip('missing' in sender.program);
    await using target = await startExactTarget();
    await using proxy = await startRecordingProxy(() => program.web);
    await using writer = await startVmAgent(
      pathOf(sender.program),
      proxy.url,
      scraping(target.host, sender.name),
      sender.args,
    );
    await expectExact(program.web, target, { job: 'exact', from: sender.name });
    const tried = proxy.exchanges.map(({ requestEncoding }) => requestEncoding);
    expect([...new Set(tried)]).toEqual(sender.encodings);
    for (const { requestEncoding, status } of proxy.exchanges) {
      expect([requestEncoding, status]).toEqual([requestEncoding, requestEncoding === 'snappy' ? 204 : 415]);
    }
    expect(writer.log()).not.toMatch(COMPLAINT);
  });

  it.concurrent('not what contradicts itself, which vmagent logs', async ({ skip }) => {
    skip('missing' in debian);
    const timestampMs = Date.now();
    await using target = await startExactTarget(`exact_conflict 2 ${timestampMs}\n`);
    const labels = { __name__: 'exact_conflict', from: 'conflict', instance: target.host, job: 'exact' };
    await remoteWrite(
      program.web,
      [{ labels: Object.entries(labels), samples: [{ timestampMs, value: 1 }] }],
      { startMs: timestampMs, endMs: timestampMs },
    );
    await using writer = await startVmAgent(pathOf(debian), program.web, scraping(target.host, 'conflict'));
    const message = `duplicate sample for timestamp ${timestampMs}; overrides not allowed: existing 1, new value 2`;
    await waitFor("the collector's words in vmagent's log", () => writer.log().includes(message));
    await expectExact(program.web, target, { job: 'exact', from: 'conflict' });
    expect(await rawSamples(program.web, `exact_conflict{instance="${target.host}"}`)).toMatchObject([
      { values: [[timestampMs / 1000, '1']] },
    ]);
  });

  it.concurrent('in order, as it is configured by default, what one queue sends', async ({ skip }) => {
    skip('missing' in debian);
    await using ordered = await startProgram({ command: 'collector', config: 'shippedRules: false\n' });
    await using target = await startExactTarget();
    await using writer = await startVmAgent(pathOf(debian), ordered.web, scraping(target.host, 'one queue'), [
      '-remoteWrite.queues=1',
    ]);
    await expectExact(ordered.web, target, { job: 'exact', from: 'one queue' });
    expect(writer.log()).not.toMatch(COMPLAINT);
  });
});

function scraping(host: string, from: string): string {
  return `global: {scrape_interval: 500ms, external_labels: {from: "${from}"}}
scrape_configs: [{job_name: exact, honor_timestamps: true, static_configs: [{targets: ['${host}']}]}]
`;
}
