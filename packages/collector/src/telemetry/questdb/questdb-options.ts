import type { Runtime } from '../../runtime.ts';

/** How the server knows us: HTTP basic authentication, or a bearer token. */
export type QuestdbCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly token: string };

export interface QuestdbOptions {
  readonly runtime: Runtime;
  /** The server's HTTP address without a path: "http://127.0.0.1:9000". */
  readonly url: string;
  /** Null where the server asks for none. */
  readonly credentials: QuestdbCredentials | null;
  /** The longest a write may take, milliseconds. */
  readonly writeDeadlineMs?: number;
  /** The longest a read may take, milliseconds. */
  readonly readDeadlineMs?: number;
  /** How the names of our tables begin: lower-case letters, digits, underscores. "plimsoll_" unless told otherwise. */
  readonly tablePrefix?: string;
}
