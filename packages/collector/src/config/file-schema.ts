import { z } from 'zod';
import { readDuration, readSize } from './units.ts';

/** What may be written for a setting, where the schema alone does not show it: for the reference. */
const allowing = (allowed: string): { readonly allowed: string } => ({ allowed });

interface Bounds {
  readonly min?: string;
  readonly max?: string;
}

/** Milliseconds, written in Prometheus' notation. */
function duration(bounds: Bounds = {}) {
  const schema = quantity(readDuration, 'a duration such as 90s, 15m or 30d', bounds);
  return schema.meta(allowing(rangeText('duration', bounds)));
}

/** Bytes, written with a unit. */
function size(bounds: Bounds = {}) {
  const schema = quantity(readSize, 'a size such as 512MiB or 10GiB', bounds);
  return schema.meta(allowing(rangeText('size', bounds)));
}

function rangeText(kind: string, { min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return `${kind}, ${min} to ${max}`;
  if (min !== undefined) return `${kind}, ${min} or more`;
  return max === undefined ? kind : `${kind}, up to ${max}`;
}

function quantity(read: (text: string) => number | null, what: string, bounds: Bounds) {
  const min = bounds.min === undefined ? 0 : (read(bounds.min) ?? 0);
  const max = bounds.max === undefined ? Infinity : (read(bounds.max) ?? Infinity);
  return z.union([z.string(), z.number()]).transform((written, context): number => {
    const value = read(String(written));
    if (value !== null && value >= min && value <= max) return value;
    const range =
      value === null
        ? ''
        : ` of ${[bounds.min && `at least ${bounds.min}`, bounds.max && `at most ${bounds.max}`].filter(Boolean).join(' and ')}`;
    context.addIssue({ code: 'custom', message: `"${written}" is not ${what}${range}` });
    return z.NEVER;
  });
}

const count = (min: number, max: number) => z.number().int().min(min).max(max);
const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is no label name');
const globs = z.array(z.string().min(1));

const name = z
  .string()
  .min(1)
  .describe('Unique name, in logs and in the environment variables of its secrets.');
const sendResolved = z.boolean().default(true).describe('Also tell when the incident is resolved.');

export const webhookSchema = z.strictObject({
  kind: z.literal('webhook'),
  name,
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where to POST; redirects are not followed. A secret: shown nowhere.'),
  url_file: z.string().min(1).optional().describe('File that holds the URL, instead of `url`.'),
  hmac_secret_file: z
    .string()
    .min(1)
    .optional()
    .describe('File that holds the key the body is signed with (HMAC-SHA256).'),
  sendResolved,
});

export const emailSchema = z.strictObject({
  kind: z.literal('email'),
  name,
  smarthost: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port')
    .describe('The mail server, host:port.'),
  from: z.string().min(1).describe("The sender's address."),
  to: z.array(z.string().min(1)).min(1).describe("The receivers' addresses."),
  authUsername: z.string().min(1).optional().describe('User name at the mail server.'),
  auth_password_file: z.string().min(1).optional().describe('File that holds the password.'),
  requireTls: z.boolean().default(true).describe('Refuse to send without TLS.'),
  sendResolved,
});

/** An address without credentials, which have keys of their own; '' for none. */
const address = z
  .union([
    z.literal(''),
    z
      .url({ protocol: /^https?$/ })
      .refine((text) => new URL(text).username === '', 'has credentials in it: use their own keys'),
  ])
  .meta(allowing('http or https address without credentials'));
const file = z.string().meta(allowing('file name'));

const remoteSchema = z.strictObject({
  write_url: address.describe('Where remote writes are POSTed, such as http://victoria:8428/api/v1/write.'),
  query_url: address.describe('What /api/v1/... is appended to for reading, such as http://victoria:8428.'),
  headers: z
    .record(z.string().min(1), z.string())
    .describe('Sent with each request, such as X-Scope-OrgID; nothing secret.'),
  bearer_token_file: file.describe('File that holds the bearer token.'),
  username: z.string().describe('User name of basic authentication.'),
  password_file: file.describe('File that holds its password.'),
});

const questdbSchema = z.strictObject({
  http_url: address.describe('HTTP address of the server, such as http://questdb:9000.'),
  token_file: file.describe('File that holds the bearer token.'),
  username: z.string().describe('User name of basic authentication.'),
  password_file: file.describe('File that holds its password.'),
  table_prefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'must be of a-z, 0-9 and _')
    .describe('How the names of the tables begin.'),
});

const alertmanagerSchema = z.strictObject({
  scheme: z.enum(['http', 'https']).default('http').describe('http or https.'),
  path_prefix: z.string().default('/').describe('Path before /api/v2/alerts.'),
  timeout: duration({ min: '100ms', max: '5m' }).default(10_000).describe('The longest a request may take.'),
  api_version: z.literal('v2').default('v2').describe('Version of the API: v2.'),
  static_configs: z
    .array(z.strictObject({ targets: z.array(z.string().regex(/^[^\s/@]+$/, 'must be host:port')) }))
    .default([])
    .describe('Lists of `targets`, host:port.'),
});

/** The configuration file with the defaults filled in. Durations become milliseconds, sizes bytes. */
export const fileSchema = z.strictObject({
  global: z.strictObject({
    evaluation_interval: duration({ min: '100ms', max: '1d' }).describe(
      'How often rule groups that name no interval are evaluated.',
    ),
    external_labels: z
      .record(labelName, z.string())
      .describe('Labels added to alerts when they leave the collector.'),
  }),
  rule_files: globs.describe("Globs of rule files in Prometheus' format, relative to this file."),
  shippedRules: z.boolean().describe('Also load the rule packs that come with Plimsoll.'),
  service_files: globs.describe('Globs of service catalogue files, relative to this file.'),
  storage: z.strictObject({
    engine: z
      .enum(['embedded', 'questdb', 'remote'])
      .describe(
        'Where telemetry is kept for long: embedded, questdb or remote (a Prometheus-compatible server).',
      ),
    recent: duration({ min: '1h' }).describe(
      'With a long-term engine, how long samples stay in the embedded store once they were forwarded.',
    ),
    queueSize: size({ min: '64MiB' }).describe(
      'With a long-term engine, how much may wait for it on disk; then agents keep what they have.',
    ),
    remote: remoteSchema,
    questdb: questdbSchema,
    commitInterval: duration({ min: '1ms', max: '10s' }).describe(
      'Appends are gathered this long into one durable commit.',
    ),
    freeSpaceReserve: size().describe(
      'Telemetry is refused while the file system has less than this free, so that the journal can still write.',
    ),
    maxFuture: duration({ max: '1d' }).describe(
      "Samples further ahead of the collector's clock are refused.",
    ),
    retention: z.strictObject({
      time: duration({ min: '1h' }).describe('How long raw samples are kept.'),
      size: size({ min: '16MiB' }).describe('How much disk telemetry may take; the oldest goes first.'),
      rollups: duration().describe(
        'How long rollups stand for samples that were dropped, in buckets of 5 minutes and an hour; 0s makes none.',
      ),
    }),
    tsdb: z.strictObject({
      out_of_order_time_window: duration().describe(
        'Samples this much older than the newest of their series are still taken.',
      ),
    }),
  }),
  ingest: z.strictObject({
    maxMessageSize: size({ min: '64KiB', max: '256MiB' }).describe('Largest message of an agent.'),
    maxSeriesPerAgent: count(1, 10_000_000).describe(
      'Series one agent may have; more are dropped and counted.',
    ),
    maxSeriesTotal: count(1, 1_000_000_000).describe('Series of all sources together.'),
    maxFramesInFlight: count(1, 100_000).describe('Frames an agent may send before they are acknowledged.'),
    maxLabelNameBytes: count(16, 65_535).describe('Longest label name, bytes.'),
    maxLabelValueBytes: count(16, 1_048_576).describe('Longest label value, bytes.'),
    maxLabelsPerSeries: count(2, 1_000).describe('Most labels of one series.'),
  }),
  desk: z.strictObject({
    reopenGrace: duration().describe(
      'A breach this soon after resolution reopens the incident instead of opening the next.',
    ),
    problemOccurrences: count(2, 1_000).describe('Occurrences of one signature that open a problem.'),
    problemWindow: duration({ min: '1m' }).describe('The time within which they are counted.'),
    closeAfter: duration().describe('Resolved incidents are closed after this quiet time.'),
  }),
  notifications: z.strictObject({
    channels: z
      .array(z.discriminatedUnion('kind', [webhookSchema, emailSchema]))
      .describe('Where incidents are told.'),
  }),
  alerting: z.strictObject({
    alertmanagers: z
      .array(alertmanagerSchema)
      .describe(
        'Alertmanagers the alerts of the rules are posted to as well: `scheme`, `path_prefix`, `timeout`, `static_configs` with `targets`.',
      ),
  }),
});

export type ConfigFile = z.infer<typeof fileSchema>;
export type StorageSettings = ConfigFile['storage'];
export type ChannelSettings = ConfigFile['notifications']['channels'][number];

/** What holds where the file says nothing, in the file's own notation. */
export const fileDefaults: z.input<typeof fileSchema> = {
  global: { evaluation_interval: '10s', external_labels: {} },
  rule_files: [],
  shippedRules: true,
  service_files: [],
  storage: {
    engine: 'embedded',
    recent: '6h',
    queueSize: '4GiB',
    remote: {
      write_url: '',
      query_url: '',
      headers: {},
      bearer_token_file: '',
      username: '',
      password_file: '',
    },
    questdb: { http_url: '', token_file: '', username: '', password_file: '', table_prefix: 'plimsoll_' },
    commitInterval: '100ms',
    freeSpaceReserve: '256MiB',
    maxFuture: '10m',
    retention: { time: '30d', size: '10GiB', rollups: '5y' },
    tsdb: { out_of_order_time_window: '0s' },
  },
  ingest: {
    maxMessageSize: '4MiB',
    maxSeriesPerAgent: 20_000,
    maxSeriesTotal: 1_000_000,
    maxFramesInFlight: 256,
    maxLabelNameBytes: 256,
    maxLabelValueBytes: 2_048,
    maxLabelsPerSeries: 64,
  },
  desk: { reopenGrace: '15m', problemOccurrences: 3, problemWindow: '7d', closeAfter: '7d' },
  notifications: { channels: [] },
  alerting: { alertmanagers: [] },
};
