/** Bounds of everything the desk accepts or keeps, each with its reason. */
export const LIMITS = {
  /** Characters of an id, a number or a name in a command: the longest external deduplication key in use is 255. */
  idChars: 255,
  /** Characters of a title: one line on a page and in a mail subject. */
  titleChars: 500,
  /** Characters of a note: a pasted log excerpt fits, a whole log does not. */
  noteChars: 20_000,
  /** Characters of a person's sign-in name. */
  personChars: 255,
  /** Operations waiting for the journal: two breaches of each of 5,000 hosts at once, about 20 MB. */
  queuedOperations: 10_000,
  /** Operations made durable by one commit: bounds how long the first waits for the last. */
  operationsPerCommit: 500,
  /** Items of one page of a list. */
  pageItems: 1_000,
  /** Journal events handed out at once. */
  eventsPerRead: 1_000,
  /** Timeline items in one answer: the newest are kept. */
  timelineItems: 1_000,
  /** Incidents a problem names, the newest: more say nothing new, and each further link would rewrite the list. */
  problemIncidents: 1_000,
  /** Milliseconds to wait for a backup's age when an outage opens: the incident must not wait for a slow store. */
  backupLookupMs: 100,
} as const;
