export type FlagValue = string | boolean | readonly string[];

/** One command line flag, as data: parsing, help and the reference page are made from it. */
export interface FlagDefinition {
  /** Dotted, without the leading dashes. A switch `x` is also written `--no-x`; a list may be repeated. */
  readonly name: string;
  readonly kind: 'text' | 'switch' | 'list';
  /** What the value is, for help: `DURATION`, `HOST:PORT`. Empty for a switch. */
  readonly placeholder: string;
  readonly default: FlagValue;
  readonly help: string;
}
