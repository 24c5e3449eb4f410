/** Bounds of what catalogue files may hold, each with its reason. */
export const LIMITS = {
  /** Characters of one file: thousands of services; more is a wrong file. */
  fileChars: 4_000_000,
  /** Expansions of YAML aliases: stops a small file from becoming a huge one. */
  aliases: 100,
  /** Services in all: each alert is held against each service's selectors. */
  services: 5_000,
  /** Days off of one calendar: fifty a year for twenty years. */
  holidays: 1_000,
  /** Errors told at once: enough to work on. */
  errors: 100,
} as const;
