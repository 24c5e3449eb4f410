import { describe, expect, it } from 'vitest';
import { configToYaml, describeConfig } from './describe-config.ts';
import { loadConfig } from './load-config.ts';

const FILE = '/etc/plimsoll/plimsoll.yml';

function load(
  text: string,
  more: { flags?: Record<string, string>; env?: Record<string, string>; files?: Record<string, string> } = {},
) {
  const files: Record<string, string> = { [FILE]: text, ...more.files };
  return loadConfig({
    flags: { 'config.file': FILE, ...more.flags },
    env: more.env ?? {},
    readFile: async (name) => {
      const content = files[name];
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${name}'`);
      return content;
    },
  });
}

const fault = async (text: string) => {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'configuration' });
  return error instanceof Error ? error.message : '';
};

describe('loadConfig', () => {
  it('has a default for everything', async () => {
    const config = await loadConfig({ flags: {}, env: {}, readFile: async () => '' });
    expect(config).toMatchObject({
      storagePath: './data',
      configFile: null,
      webListenAddress: '127.0.0.1:9720',
      grpcListenAddress: '127.0.0.1:9721',
      webExternalUrl: null,
      insecure: false,
      query: { timeoutMs: 120_000, lookbackDeltaMs: 300_000, maxSamples: 50_000_000 },
      file: {
        shippedRules: true,
        storage: {
          commitIntervalMs: 100,
          retentionTimeMs: 30 * 86_400_000,
          retentionSizeBytes: 10 * 1024 ** 3,
          rollupRetentionMs: 5 * 365 * 86_400_000,
        },
        desk: { reopenGraceMs: 900_000, problemOccurrences: 3, problemWindowMs: 7 * 86_400_000 },
        notifications: { channels: [] },
      },
    });
  });

  it("reads Prometheus' keys and ours", async () => {
    const { file } = await load(`
global:
  evaluation_interval: 1m30s
  external_labels: {region: eu}
rule_files: [rules/*.yml]
service_files: [services/*.yaml]
storage:
  retention: {time: 2w, size: 512MB, rollups: 2y}
  tsdb: {out_of_order_time_window: 30m}
desk:
  reopenGrace: 0s
notifications:
`);
    expect(file.global).toEqual({ evaluationIntervalMs: 90_000, externalLabels: { region: 'eu' } });
    expect(file.ruleFiles).toEqual(['rules/*.yml']);
    expect(file.storage).toMatchObject({
      retentionTimeMs: 14 * 86_400_000,
      retentionSizeBytes: 512 * 1024 ** 2,
      rollupRetentionMs: 2 * 365 * 86_400_000,
      outOfOrderWindowMs: 1_800_000,
      commitIntervalMs: 100,
    });
    expect(file.desk.reopenGraceMs).toBe(0);
  });

  it('names an unknown key with its place and the nearest valid one', async () => {
    expect(await fault('global:\n  evaluation_intervall: 10s\n')).toBe(
      `${FILE}:2:3: unknown key "evaluation_intervall" in global; did you mean "evaluation_interval"?`,
    );
    expect(await fault('desk: {reopengrace: 1m}\nrulefiles: []\n')).toMatch(
      /:2:1: unknown key "rulefiles" in the configuration; did you mean "rule_files"\?/,
    );
    expect(
      await fault('notifications:\n  channels:\n    - {kind: webhook, name: a, url: "http://x/", hmac: s}\n'),
    ).toMatch(/:3:\d+: unknown key "hmac" in notifications\.channels\.0; valid here: kind, name/);
  });

  it('names every fault of a file', async () => {
    const message = await fault(`
global: {evaluation_interval: soon}
storage: {retention: {size: big, time: 1s}}
ingest: {maxSeriesPerAgent: -1}
desk: 5
`);
    expect(message.split('\n')).toEqual([
      expect.stringContaining(`${FILE}:2:31: global.evaluation_interval: "soon" is not a duration`),
      expect.stringContaining(`${FILE}:3:40: storage.retention.time: "1s" is not a duration`),
      expect.stringContaining(`${FILE}:3:29: storage.retention.size: "big" is not a size`),
      expect.stringContaining(`${FILE}:4:29: ingest.maxSeriesPerAgent`),
      expect.stringContaining(`${FILE}:5:7: desk`),
    ]);
  });

  it.each(['{', 'a: b: c', '- list', '"text"', 'a: 1\na: 2'])(
    'refuses YAML that is no configuration: %s',
    async (text) => {
      expect(await fault(text)).toMatch(new RegExp(`^${FILE.replaceAll('/', '\\/')}:\\d+:\\d+: `));
    },
  );

  it('refuses a file that cannot be read', async () => {
    await expect(
      loadConfig({
        flags: { 'config.file': 'absent.yml' },
        env: {},
        readFile: () => Promise.reject(new Error('ENOENT')),
      }),
    ).rejects.toMatchObject({ code: 'configuration', message: expect.stringContaining('absent.yml') });
  });

  it.each([
    ['log.level', 'loud'],
    ['query.timeout', '0s'],
    ['query.max-samples', 'many'],
    ['web.external-url', 'mon.example.org'],
  ])('refuses --%s=%s as wrong usage', async (name, value) => {
    await expect(load('', { flags: { [name]: value } })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(`--${name}`),
    });
  });
});

describe('secrets', () => {
  const channels = `
notifications:
  channels:
    - {kind: webhook, name: on-call, url: 'https://hooks.example.org/T0K3N', hmac_secret_file: secrets/hmac}
    - {kind: email, name: mail, smarthost: 'mail.example.org:587', from: a@example.org, to: [b@example.org], authUsername: a}
`;
  const files = { '/etc/plimsoll/secrets/hmac': 'hush\n' };
  const env = { PLIMSOLL_MAIL_AUTH_PASSWORD: 'pa55' };

  it('come from files beside the configuration and from the environment', async () => {
    const { file } = await load(channels, { files, env });
    expect(file.notifications.channels).toMatchObject([{ hmacSecret: 'hush' }, { authPassword: 'pa55' }]);
  });

  it('never show', async () => {
    const config = await load(channels, { files, env });
    const shown = configToYaml(config) + JSON.stringify(describeConfig(config));
    for (const secret of ['hush', 'pa55', 'T0K3N']) expect(shown).not.toContain(secret);
    expect(shown).toContain('secrets/hmac');
  });

  it('name the channel when their file is missing', async () => {
    await expect(load(channels)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/channel "on-call".*\/etc\/plimsoll\/secrets\/hmac/),
    });
  });
});

describe('describeConfig', () => {
  it('names the source of each value', async () => {
    const settings = describeConfig(
      await load('desk:\n  reopenGrace: 1m\n', { flags: { 'log.level': 'debug' } }),
    );
    expect(settings).toContainEqual({ name: '--log.level', value: 'debug', source: 'flag' });
    expect(settings).toContainEqual({ name: '--query.timeout', value: '2m', source: 'default' });
    expect(settings).toContainEqual({ name: 'desk.reopenGrace', value: '1m', source: `${FILE}:2` });
    expect(settings).toContainEqual({ name: 'storage.retention.size', value: '10GiB', source: 'default' });
  });

  it('reads a long-term engine with its secrets', async () => {
    const text = `storage:
  engine: remote
  recent: 12h
  remote: {write_url: 'http://m:8428/api/v1/write', query_url: 'http://m:8428/', headers: {X-Scope-OrgID: a}, username: u}
`;
    const { file } = await load(text, { env: { PLIMSOLL_REMOTE_PASSWORD: 'p' } });
    expect(file.storage.longTerm).toEqual({
      recentMs: 12 * 3_600_000,
      queueLimitBytes: 4 * 1024 ** 3,
      server: {
        kind: 'remote',
        writeUrl: 'http://m:8428/api/v1/write',
        queryUrl: 'http://m:8428',
        headers: { 'X-Scope-OrgID': 'a', authorization: 'Basic dTpw' },
      },
    });
    const questdb = 'storage: {engine: questdb, questdb: {http_url: "http://q:9000", token_file: token}}\n';
    const read = await load(questdb, { files: { '/etc/plimsoll/token': 'abc\n' } });
    expect(read.file.storage.longTerm?.server).toMatchObject({ credentials: { token: 'abc' } });
  });

  it('refuses a long-term engine without an address, and credentials in one', async () => {
    expect(await fault('storage: {engine: remote}\n')).toContain('storage.remote.write_url');
    expect(await fault('storage: {engine: questdb}\n')).toContain('storage.questdb.http_url');
    expect(await fault('storage: {remote: {write_url: "http://u:p@m/"}}\n')).toContain('credentials');
  });
});
