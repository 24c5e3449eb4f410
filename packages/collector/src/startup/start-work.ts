import path from 'node:path';
import type { RuleGroup } from '@plimsoll/rules';
import { EXTERNAL_FILE } from '../alertmanager/alert.ts';
import { type Alertmanager, openAlertmanager } from '../alertmanager/open-alertmanager.ts';
import { createEventHub, type EventHub } from '../api/event-hub.ts';
import { type Capacity, startCapacity } from '../capacity/start-capacity.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Desk } from '../desk/desk.ts';
import type { IncidentForecast, Resource } from '../desk/json/incident.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { startEvaluation } from '../evaluation/start-evaluation.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import { type Notifier, startNotifier } from '../notify/start-notifier.ts';
import type { Runtime } from '../runtime.ts';
import { Scrub } from '../scrub/scrub.ts';
import type { State } from './open-state.ts';
import { recordHosts } from './record-hosts.ts';
import { recordOwnMetrics } from './record-own-metrics.ts';
import { ruleEngine } from './rule-engine.ts';
import { runClock } from './run-clock.ts';

/** What works on the state by itself. */
export interface Work extends AsyncDisposable {
  readonly events: EventHub;
  readonly notifier: Notifier;
  readonly evaluation: Evaluation;
  readonly alertmanager: Alertmanager;
  readonly capacity: Capacity;
  readonly scrub: Scrub;
}

/** Starts rules, notifications, capacity and the clock, and connects each to what it listens to. */
export async function startWork(
  config: LoadedConfig,
  ruleGroups: readonly RuleGroup[],
  state: State,
  runtime: Runtime,
): Promise<Work> {
  await using opened = new AsyncDisposableStack();
  const { store, hosts, desk, engine, sums } = state;
  const { global, notifications } = config.file;
  const events = opened.use(createEventHub(runtime));
  opened.defer(recordHosts({ runtime, hosts, desk, events }));
  opened.defer(publishDesk(desk, events));
  opened.defer(logIncidents(desk, runtime));
  const externalUrl = config.webExternalUrl ?? `http://${config.webListenAddress}`;
  const alertmanager = opened.use(
    openAlertmanager({ runtime, desk, storagePath: config.storagePath, config: config.file, externalUrl }),
  );
  const notifier = opened.use(
    startNotifier({
      runtime,
      desk,
      channels: notifications.channels,
      path: path.join(config.storagePath, 'notifications.sqlite'),
      externalUrl: config.webExternalUrl,
      muting: alertmanager.muting,
    }),
  );
  for (const file of ['notifications.sqlite', 'silences.sqlite'])
    sums.watch(path.join(config.storagePath, file));
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  const evaluation = opened.use(
    await startEvaluation({
      runtime,
      store,
      engine: ruleEngine(engine),
      hosts,
      ruleGroups,
      evaluationIntervalMs: global.evaluationIntervalMs,
      externalLabels: global.externalLabels,
      externalUrl,
      // Alerts of other servers have no rule here: whoever posted them tells of their end.
      firing: desk.firing().filter(({ rule }) => rule.file !== EXTERNAL_FILE),
      onSignal: (signal) => {
        alertmanager.note(signal);
        desk
          .signal(signal)
          .catch((error: unknown) => warn('signal', { err: error }, 'a signal could not be journalled'));
      },
    }),
  );
  const capacity = opened.use(startCapacity({ runtime, store, hosts }));
  opened.defer(capacity.onRefresh((instance) => events.publish('capacity', instance)));
  desk.showForecasts((resource) => foresee(capacity, resource));
  opened.use(runClock({ runtime, hosts, desk, store, events }));
  opened.use(recordOwnMetrics({ runtime, store }));
  const scrub = opened.use(await startScrub(config, state, runtime));
  const parts = opened.move();
  return {
    events,
    notifier,
    evaluation,
    alertmanager,
    capacity,
    scrub,
    [Symbol.asyncDispose]: async () => parts.disposeAsync(),
  };
}

async function startScrub({ storagePath }: LoadedConfig, state: State, runtime: Runtime): Promise<Scrub> {
  const { kept, damagedAtStart } = state;
  return await Scrub.start({ runtime, storagePath, kept, countedAtStart: damagedAtStart });
}

/** A filesystem of too short a history has no outlook, only a reason why. */
function foresee(
  capacity: Capacity,
  { kind, labels: { instance, mountpoint } }: Resource,
): IncidentForecast | undefined {
  if (kind !== 'filesystem' || instance === undefined || mountpoint === undefined) return undefined;
  const known = capacity.filesystem(instance, mountpoint);
  if (known === undefined || known.outlook === 'not_enough_history') return undefined;
  const { q10Days, q50Days, q90Days, p7 } = known;
  return { q10Days, q50Days, q90Days, p7 };
}

/** Tells browsers which incident or problem an event is about. */
function publishDesk(desk: Desk, events: Pick<EventHub, 'publish'>): () => void {
  return desk.subscribe(({ aggregate }) => {
    const [kind, id = ''] = aggregate.split('/');
    if (kind === 'incident' || kind === 'problem') events.publish(kind, id);
  });
}

const LOGGED: ReadonlySet<string> = new Set(['incident.opened', 'incident.reopened', 'incident.resolved']);

/** The log alone must tell when something broke and when it was well again. */
function logIncidents(desk: Pick<Desk, 'subscribe' | 'incident'>, { log }: Pick<Runtime, 'log'>): () => void {
  return desk.subscribe(({ type, aggregate }) => {
    if (!LOGGED.has(type)) return;
    const incident = desk.incident(aggregate.slice('incident/'.length));
    if (incident === undefined) return;
    const { number, priority, service, title, state } = incident;
    log.info({ incident: number, priority, service, state, title }, type.replace('.', ' '));
  });
}
