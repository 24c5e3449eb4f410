/** What the collector knows of one agent's host, kept by ingest and read by evaluation, desk and API. */
export interface HostState {
  readonly agentId: string;
  readonly instance: string;
  /** `up` while frames arrive, `silent` after three missed intervals, `refused` for a clone or a name taken. */
  readonly state: 'up' | 'silent' | 'refused';
  readonly refusedReason: string | null;
  readonly connected: boolean;
  /** Whether a live frame arrived since this collector started: before that its state is not known yet. */
  readonly heard: boolean;
  readonly firstSeenMs: number;
  /** Arrival of the newest live frame, by the collector's clock. */
  readonly lastSeenMs: number | null;
  readonly collectIntervalMs: number;
  readonly agentVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly clockOffsetMs: number | null;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

/** A live frame that has become durable. */
export interface ArrivedFrame {
  readonly agentId: string;
  readonly instance: string;
  readonly timestampMs: number;
  /** The time of the oldest frame that this one stands for, where it stands for others. */
  readonly firstMs?: number;
  readonly refs: Uint32Array;
  /** By the position of `refs`; may hold stale markers and "no sample". Not to be written to. */
  readonly values: Float64Array;
}

/** Kept by ingest. */
export interface HostRegistry {
  hosts(): readonly HostState[];
  host(instance: string): HostState | undefined;
  /**
   * Called for live frames that are durable, in arrival order. Of frames with the same refs that became durable together
   * it is the newest: every list of refs is told, and not every value. Returns the way to stop listening.
   */
  onFrame(listener: (frame: ArrivedFrame) => void): () => void;
  /** Called when a host appears or its state changes. */
  onChange(listener: (host: HostState) => void): () => void;
}
