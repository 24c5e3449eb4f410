import { z } from '@hono/zod-openapi';

const daysUntilFull = z
  .number()
  .min(0)
  .nullable()
  .describe('Days until the filesystem first stays full for an hour; null: not within 365 days, or unknown.');
const instant = z.iso.datetime().nullable();

/** One filesystem of one host, and when it will be full. Sizes in bytes, fractions 0..1, unknown is null. */
export const filesystemOutlookSchema = z.object({
  instance: z.string(),
  device: z.string(),
  mountpoint: z.string(),
  fstype: z.string(),
  sizeBytes: z.number(),
  usedBytes: z.number(),
  utilisation: z
    .number()
    .describe('Used over used plus available to unprivileged users, as df(1) shows it, 0..1.'),
  historyDays: z.number().describe('How much history the outlook was made from.'),
  outlook: z.enum(['filling', 'not_filling', 'unpredictable', 'not_enough_history']),
  explanation: z.string(),
  q10Days: daysUntilFull,
  q50Days: daysUntilFull,
  q90Days: daysUntilFull,
  fullAt: z
    .object({ earliest: instant, likely: instant, latest: instant })
    .describe('The quantiles as instants: 10 %, 50 % and 90 %.'),
  p7: z.number().min(0).max(1).nullable().describe('Probability that it is full within 7 days.'),
  modelError: z
    .number()
    .nullable()
    .describe(
      "The model's mean absolute error one day ahead over the history, as a fraction of the capacity.",
    ),
});

export type FilesystemOutlook = z.infer<typeof filesystemOutlookSchema>;

const fractions = z.array(z.number());

/** A filesystem's utilisation so far and to come. Timestamps are seconds since the Unix epoch. */
export const filesystemForecastSchema = z.object({
  history: z.object({
    timestamps: z.array(z.number()),
    values: z.array(z.number().nullable()).describe('Hourly means, 0..1; null is a gap.'),
  }),
  forecast: z
    .object({
      timestamps: z.array(z.number()),
      mean: fractions,
      lo80: fractions,
      hi80: fractions,
      lo95: fractions,
      hi95: fractions,
    })
    .nullable()
    .describe('Null when there is not enough history.'),
  capacity: z.literal(1),
});

export type FilesystemForecast = z.infer<typeof filesystemForecastSchema>;
