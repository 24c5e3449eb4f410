/** Bounds of telling others, each with its reason. */
export const LIMITS = {
  /** Milliseconds until an attempt is given up: a receiver slower than this is as good as down. */
  attemptTimeoutMs: 10_000,
  /** Milliseconds before the second attempt; it doubles from there. */
  retryBaseMs: 1_000,
  /** Milliseconds between attempts at most: a receiver that comes back is told within five minutes. */
  retryMaxMs: 300_000,
  /** Milliseconds after which a message is dropped: news a day old is found on the page, not by mail. */
  giveUpAfterMs: 86_400_000,
  /** Messages waiting for one channel; beyond it the journal is not read on, so that nothing is lost. */
  queuedPerChannel: 10_000,
  /** Events read from the journal at once. */
  eventsPerRead: 200,
  /** Attempts under way for one channel: a slow receiver must not take all sockets. */
  concurrentWebhooks: 8,
  /** Mail servers count sessions by sender. */
  concurrentEmails: 2,
  /** Timeline items in a message: the newest tell the story, receivers bound their bodies. */
  timelineItems: 50,
  /** Milliseconds a stop waits for attempts under way; what is not done by then is sent by the next start. */
  stopGraceMs: 5_000,
} as const;

/** How often and how long delivery is tried, in milliseconds; see `LIMITS` for the defaults' reasons. */
export interface DeliveryPolicy {
  readonly attemptTimeoutMs: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly giveUpAfterMs: number;
  readonly stopGraceMs: number;
}
