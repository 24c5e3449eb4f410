import { z } from 'zod';
import { readDuration, readSize } from './units.ts';

interface Bounds {
  readonly min?: string;
  readonly max?: string;
}

/** Milliseconds, written in Prometheus' notation. */
function duration(bounds: Bounds = {}) {
  return quantity(readDuration, 'a duration such as 90s, 15m or 30d', bounds);
}

/** Bytes, written with a unit. */
function size(bounds: Bounds = {}) {
  return quantity(readSize, 'a size such as 512MiB or 10GiB', bounds);
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

const webhookSchema = z.strictObject({
  kind: z.literal('webhook'),
  name: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }).optional(),
  url_file: z.string().min(1).optional(),
  hmac_secret_file: z.string().min(1).optional(),
  sendResolved: z.boolean().default(true),
});

const emailSchema = z.strictObject({
  kind: z.literal('email'),
  name: z.string().min(1),
  smarthost: z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port'),
  from: z.string().min(1),
  to: z.array(z.string().min(1)).min(1),
  authUsername: z.string().min(1).optional(),
  auth_password_file: z.string().min(1).optional(),
  requireTls: z.boolean().default(true),
  sendResolved: z.boolean().default(true),
});

/** The configuration file with the defaults filled in. Durations become milliseconds, sizes bytes. */
export const fileSchema = z.strictObject({
  global: z.strictObject({
    evaluation_interval: duration({ min: '100ms', max: '1d' }),
    external_labels: z.record(labelName, z.string()),
  }),
  rule_files: globs,
  shippedRules: z.boolean(),
  service_files: globs,
  storage: z.strictObject({
    commitInterval: duration({ min: '1ms', max: '10s' }),
    freeSpaceReserve: size(),
    maxFuture: duration({ max: '1d' }),
    retention: z.strictObject({ time: duration({ min: '1h' }), size: size({ min: '16MiB' }) }),
    tsdb: z.strictObject({ out_of_order_time_window: duration() }),
  }),
  ingest: z.strictObject({
    maxMessageSize: size({ min: '64KiB', max: '256MiB' }),
    maxSeriesPerAgent: count(1, 10_000_000),
    maxSeriesTotal: count(1, 1_000_000_000),
    maxFramesInFlight: count(1, 100_000),
    maxLabelNameBytes: count(16, 65_535),
    maxLabelValueBytes: count(16, 1_048_576),
    maxLabelsPerSeries: count(2, 1_000),
  }),
  desk: z.strictObject({
    reopenGrace: duration(),
    problemOccurrences: count(2, 1_000),
    problemWindow: duration({ min: '1m' }),
    closeAfter: duration(),
  }),
  notifications: z.strictObject({
    channels: z.array(z.discriminatedUnion('kind', [webhookSchema, emailSchema])),
  }),
});

export type ConfigFile = z.infer<typeof fileSchema>;
export type ChannelSettings = ConfigFile['notifications']['channels'][number];

/** What holds where the file says nothing, in the file's own notation. */
export const fileDefaults: z.input<typeof fileSchema> = {
  global: { evaluation_interval: '10s', external_labels: {} },
  rule_files: [],
  shippedRules: true,
  service_files: [],
  storage: {
    commitInterval: '100ms',
    freeSpaceReserve: '256MiB',
    maxFuture: '10m',
    retention: { time: '30d', size: '10GiB' },
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
};
