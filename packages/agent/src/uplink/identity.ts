/** Who an agent is to the collector. */
export interface Identity {
  /** RFC 9562 UUID, lower case. */
  readonly agentId: string;
  /** SHA-256 of the machine id with the agent id, 32 bytes. */
  readonly machineIdHash: Uint8Array;
  /** At least 32 random bytes, pinned by the collector on first use. */
  readonly key: Uint8Array;
  /** The host's unique name. */
  readonly instance: string;
  /** Microseconds since the Unix epoch at this start, larger than at every earlier one. */
  readonly epoch: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly collectIntervalMs: number;
  readonly agentVersion: string;
}
