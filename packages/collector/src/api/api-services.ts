import type { Backups } from '../backup/backups.ts';
import type { Alertmanager } from '../alertmanager/open-alertmanager.ts';
import type { FileConfig } from '../config/config.ts';
import type { Desk } from '../desk/desk.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Runtime } from '../runtime.ts';
import type { AdminToken } from '../security/admin-token.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { EventHub } from './event-hub.ts';
import type { CapacityView } from './plimsoll/capacity-routes.ts';
import type { SystemStatus } from './plimsoll/system-status-routes.ts';
import type { QueryEngine } from './prometheus/query-engine.ts';
import type { ProcessView } from './prometheus/status-routes.ts';
import type { StaticFiles } from './static-files.ts';

/** Everything the HTTP API shows or does, each as narrow as it is used. */
export interface ApiServices {
  readonly runtime: Runtime;
  readonly store: Pick<
    TelemetryStore,
    | 'select'
    | 'series'
    | 'labelNames'
    | 'labelValues'
    | 'metadata'
    | 'stats'
    | 'internSeries'
    | 'appendSamples'
    | 'deleteSeries'
    | 'cleanDeleted'
    | 'setMetadata'
  >;
  readonly queries: QueryEngine;
  readonly rules: Pick<Evaluation, 'groups'>;
  readonly desk: Pick<
    Desk,
    | 'incidents'
    | 'incident'
    | 'problems'
    | 'problem'
    | 'services'
    | 'service'
    | 'servicesOf'
    | 'openIncidentsByInstance'
    | 'submit'
  >;
  readonly alertmanager: Pick<Alertmanager, 'external' | 'own' | 'silences' | 'metrics' | 'pushUrls'>;
  readonly hosts: Pick<HostRegistry, 'hosts' | 'host' | 'onFrame'>;
  readonly capacity: CapacityView;
  readonly events: Pick<EventHub, 'open'>;
  readonly backups: Pick<Backups, 'start' | 'find' | 'list'>;
  readonly process: ProcessView;
  /** The part of the configuration a reload replaces. */
  readonly config: () => FileConfig;
  readonly adminToken: AdminToken;
  /** `--web.external-url`. */
  readonly externalUrl: string | null;
  readonly queryTimeoutMs: number;
  readonly ui: StaticFiles;
  readonly isReady: () => boolean;
  readonly status: () => SystemStatus | Promise<SystemStatus>;
  /** Reads the configuration again. Throws `configuration` and keeps the running one when it has an error. */
  readonly reload: () => Promise<void>;
}
