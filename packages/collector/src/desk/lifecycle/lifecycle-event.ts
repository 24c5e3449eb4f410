/** What the collector tells the desk about agents and hosts, so that availability can be worked out later. */
export type LifecycleEvent =
  | {
      readonly type: 'stream.opened';
      readonly agentId: string;
      readonly instance: string;
      readonly epoch: number;
      readonly atMs: number;
      readonly clockOffsetMs: number | null;
    }
  | {
      readonly type: 'stream.closed';
      readonly agentId: string;
      readonly instance: string;
      readonly epoch: number;
      readonly atMs: number;
      readonly reason: string;
    }
  | {
      /** From `atMs` on the host is in this state, until the next such event. */
      readonly type: 'host.up' | 'host.down' | 'host.unknown';
      readonly agentId: string;
      readonly instance: string;
      readonly atMs: number;
    }
  | {
      /** Backfill proved that the host ran in this time: what was taken for downtime is unknown. */
      readonly type: 'host.reclassified';
      readonly instance: string;
      readonly fromMs: number;
      readonly toMs: number;
    }
  | {
      /** The data is that of a backup: everything from the cut to this start is unknown, telemetry and events alike. */
      readonly type: 'collector.restored';
      /** Id of the backup. */
      readonly backup: string;
      readonly previousIncarnation: string;
      readonly incarnation: string;
      readonly lostFromMs: number;
      readonly lostToMs: number;
      readonly restoredAtMs: number;
      /** Messages that waited to be sent at the cut. */
      readonly droppedMessages: number;
    }
  | {
      /** Frames of an agent that are lost for good, first to last, collected between these times. */
      readonly type: 'stream.gap';
      readonly agentId: string;
      readonly instance: string;
      readonly epoch: number;
      readonly first: number;
      readonly last: number;
      readonly fromMs: number;
      readonly toMs: number;
    }
  | {
      readonly type: 'inventory.snapshot';
      readonly agentId: string;
      readonly instance: string;
      readonly atMs: number;
      /** Kept once for each content, by hash. */
      readonly facts: Readonly<Record<string, unknown>>;
    };
