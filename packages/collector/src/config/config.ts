/** The collector's configuration after flags, file and defaults were merged. Durations in milliseconds, sizes in bytes. */
export interface CollectorConfig {
  readonly storagePath: string;
  readonly configFile: string | null;
  readonly webListenAddress: string;
  readonly webExternalUrl: string | null;
  readonly grpcListenAddress: string;
  readonly insecure: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** Everything below comes from the file and is replaced by a reload, but for what `needsRestart` names. */
  readonly file: FileConfig;
}

export interface FileConfig {
  readonly global: {
    readonly evaluationIntervalMs: number;
    readonly externalLabels: Readonly<Record<string, string>>;
  };
  /** Globs, relative to the configuration file. The shipped packs are loaded beside them unless `shippedRules` is false. */
  readonly ruleFiles: readonly string[];
  readonly shippedRules: boolean;
  readonly serviceFiles: readonly string[];
  readonly storage: {
    readonly commitIntervalMs: number;
    readonly retentionTimeMs: number;
    readonly retentionSizeBytes: number;
    /** How long rollups of samples that were dropped are kept; 0 makes none. */
    readonly rollupRetentionMs: number;
    readonly freeSpaceReserveBytes: number;
    /** Frames with timestamps further ahead of the collector's clock than this are refused for good. */
    readonly maxFutureMs: number;
    /** Samples this much older than the newest of their series are still taken. */
    readonly outOfOrderWindowMs: number;
    /** Null where the embedded store keeps everything itself. */
    readonly longTerm: LongTermConfig | null;
  };
  readonly ingest: {
    readonly maxMessageBytes: number;
    readonly maxSeriesPerAgent: number;
    readonly maxSeriesTotal: number;
    readonly maxFramesInFlight: number;
    readonly maxLabelNameBytes: number;
    readonly maxLabelValueBytes: number;
    readonly maxLabelsPerSeries: number;
  };
  readonly desk: {
    /** A breach this soon after resolution reopens the incident instead of opening the next occurrence. */
    readonly reopenGraceMs: number;
    /** A problem is opened when one signature has this many occurrences within the window. */
    readonly problemOccurrences: number;
    readonly problemWindowMs: number;
    /** Resolved incidents are closed after this quiet period. */
    readonly closeAfterMs: number;
  };
  readonly notifications: {
    readonly channels: readonly NotificationChannel[];
  };
  readonly alerting: {
    /** Alertmanagers that the alerts of our rules are posted to as well. */
    readonly alertmanagers: readonly AlertmanagerTarget[];
  };
}

/** The engine behind the embedded store. */
export interface LongTermConfig {
  /** How long samples stay in the embedded store once they were forwarded. */
  readonly recentMs: number;
  /** Appends are refused while more than this waits to be forwarded. */
  readonly queueLimitBytes: number;
  readonly server: RemoteServer | QuestdbServer;
}

export interface RemoteServer {
  readonly kind: 'remote';
  readonly writeUrl: string;
  readonly queryUrl: string;
  /** With what authorises us in them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface QuestdbServer {
  readonly kind: 'questdb';
  readonly url: string;
  readonly credentials:
    | { readonly username: string; readonly password: string }
    | { readonly token: string }
    | null;
  readonly tablePrefix: string;
}

export interface AlertmanagerTarget {
  /** Where alerts are posted. */
  readonly url: string;
  readonly timeoutMs: number;
}

export type NotificationChannel = WebhookChannel | EmailChannel;

export interface WebhookChannel {
  readonly kind: 'webhook';
  readonly name: string;
  readonly url: string;
  /** Read from a file or the environment, never written in the configuration. */
  readonly hmacSecret: string | null;
  readonly sendResolved: boolean;
}

export interface EmailChannel {
  readonly kind: 'email';
  readonly name: string;
  readonly smarthost: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly authUsername: string | null;
  readonly authPassword: string | null;
  readonly requireTls: boolean;
  readonly sendResolved: boolean;
}
