/** One command line flag, as data: parsing, help and the reference page come from it. */
export interface FlagDefinition {
  /** Dotted, without dashes: `web.listen-address`. */
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer' | 'duration' | 'size' | 'choice';
  /** As it would be written on the command line; '' stands for "not set". */
  readonly default: string;
  /** For the type `choice`. */
  readonly choices?: readonly string[];
  /** One sentence, without a full stop. */
  readonly help: string;
}
