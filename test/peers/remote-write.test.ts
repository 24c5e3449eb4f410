import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import {
  newestPrometheus,
  type PrometheusProgram,
  prometheusPrograms,
} from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { waitFor } from '../support/wait-for.ts';
import { remoteWrite } from './differential/remote-write.ts';
import { type Prometheus, startPrometheus } from './differential/start-prometheus.ts';
import { startExactTarget } from './support/exact-target.ts';
import { expectExact, rawSamples } from './support/expect-exact.ts';
import { startRecordingProxy } from './support/recording-proxy.ts';

/** How a Prometheus is told to send, and what it sends then. */
interface Sender extends PrometheusProgram {
  readonly options: string;
  readonly contentType: string;
  readonly args: readonly string[];
}

const VERSION_2 = 'io.prometheus.write.v2.Request';

const senders: readonly Sender[] = [
  ...(await prometheusPrograms('prometheus')).map(({ name, program }) => ({
    name: `${name} by remote write 1.0`,
    program,
    options: 'metadata_config: {send_interval: 500ms}',
    contentType: 'application/x-protobuf',
    args: [],
  })),
  {
    name: 'prometheus 3.16 by remote write 2.0',
    program: await newestPrometheus('prometheus'),
    options: `protobuf_message: ${VERSION_2}, metadata_config: {send: false}`,
    contentType: `application/x-protobuf;proto=${VERSION_2}`,
    // The second version has help and types beside the samples, but only with this.
    args: ['--enable-feature=metadata-wal-records'],
  },
];

describe('the collector takes sample by sample what is written, and tells of what contradicts itself', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ command: 'collector', config: 'shippedRules: false\n' });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  // A sender waits five seconds before it sends: they wait together.
  it.concurrent.for(senders)('$name', async (sender, { skip }) => {
    skip('missing' in sender.program);
    // A sender passes over what is older than itself.
    const timestampMs = Date.now() + 30_000;
    const conflicting = `exact_conflict{from="${sender.name}"}`;
    await using target = await startExactTarget(`exact_conflict 2 ${timestampMs}\n`);
    await remoteWrite(
      program.web,
      [
        {
          labels: Object.entries({
            __name__: 'exact_conflict',
            from: sender.name,
            instance: target.host,
            job: 'exact',
          }),
          samples: [{ timestampMs, value: 1 }],
        },
      ],
      { startMs: timestampMs, endMs: timestampMs },
    );
    await using proxy = await startRecordingProxy(() => program.web);
    await using writer = await start(sender, proxy.url, target.host);
    await expectExact(program.web, target, { job: 'exact', from: sender.name });
    expect(await getJson(`${program.web}/api/v1/metadata?metric=exact_total`)).toMatchObject({
      data: { exact_total: [{ type: 'counter', help: 'Half as much again for each page.' }] },
    });
    const message = `duplicate sample for timestamp ${timestampMs}; overrides not allowed: existing 1, new value 2`;
    await waitFor("the collector's words in the sender's log", () => writer.log().includes(message));
    expect(await rawSamples(program.web, conflicting)).toMatchObject([
      { values: [[timestampMs / 1000, '1']] },
    ]);
    // Each page repeats the contradiction: what comes with it is stored nevertheless.
    for (const { requestType, requestEncoding, status } of proxy.exchanges) {
      expect([requestType, requestEncoding]).toEqual([sender.contentType, 'snappy']);
      expect([204, 400]).toContain(status);
    }
    const complaints = writer
      .log()
      .split('\n')
      .filter((line) => /level=(?:warn|error)/i.test(line));
    expect(complaints.filter((line) => !line.includes(message))).toEqual([]);
  });

  it.concurrent('and has no gap after it was killed', async ({ skip }) => {
    const [sender] = senders;
    if (sender === undefined || 'missing' in sender.program) {
      skip();
      return;
    }
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-killed-'));
    await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
    const options = { command: 'collector', config: 'shippedRules: false\n', directory } as const;
    await using target = await startExactTarget();
    await using first = await startProgram(options);
    let { web } = first;
    await using proxy = await startRecordingProxy(() => web);
    await using writer = await start(sender, proxy.url, target.host);
    await waitFor('the first samples', async () => (await received(first)) > 0);
    await first.kill();
    const missed = target.totals.length + 4;
    await waitFor('samples that nobody takes', () => target.totals.length > missed);
    await using second = await startProgram(options);
    ({ web } = second);
    await waitFor('the newest of them', async () => (await received(second)) > missed);
    await expectExact(web, target, { job: 'exact', from: sender.name });
    expect(writer.log()).not.toContain('non-recoverable');
  });
});

async function start(sender: Sender, url: string, host: string): Promise<Prometheus> {
  return startPrometheus(
    pathOf(sender.program),
    `global: {scrape_interval: 500ms, external_labels: {from: ${sender.name}}}
scrape_configs: [{job_name: exact, static_configs: [{targets: ['${host}']}]}]
remote_write:
  - {url: '${url}/api/v1/write', queue_config: {batch_send_deadline: 500ms}, ${sender.options}}
`,
    {},
    // At its end it would try for a minute to send what is left.
    ['--storage.remote.flush-deadline=1s', ...sender.args],
  );
}

async function received({ web }: Program): Promise<number> {
  const [total] = await rawSamples(web, 'exact_total');
  return total?.values.length ?? 0;
}
