import type { IconName } from '../components/icon.tsx';
import type {
  ClockState,
  Host,
  IncidentState,
  Outlook,
  Priority,
  ProblemState,
  Service,
} from '../api/types.ts';

type Tone = 'red' | 'amber' | 'green' | 'blue' | 'grey';

/** How a state is shown: colour, icon and word together, so that none of them carries it alone. */
export interface Look {
  readonly tone: Tone;
  /** None where the word is a rank that reads by itself. */
  readonly icon: IconName | null;
  readonly word: string;
}

const look = (tone: Tone, icon: IconName | null, word: string): Look => ({ tone, icon, word });

export const incidentLooks: Readonly<Record<IncidentState, Look>> = {
  new: look('red', 'alarm', 'New'),
  acknowledged: look('amber', 'eye', 'Acknowledged'),
  in_progress: look('blue', 'work', 'In progress'),
  on_hold: look('grey', 'pause', 'On hold'),
  resolved: look('green', 'check', 'Resolved'),
  closed: look('grey', 'check', 'Closed'),
  canceled: look('grey', 'cross', 'Canceled'),
};

export const priorityLooks: Readonly<Record<Priority, Look>> = {
  P1: look('red', null, 'P1'),
  P2: look('amber', null, 'P2'),
  P3: look('blue', null, 'P3'),
  P4: look('grey', null, 'P4'),
  P5: look('grey', null, 'P5'),
};

export const clockLooks: Readonly<Record<ClockState, Look>> = {
  running: look('blue', 'clock', 'Running'),
  paused: look('grey', 'pause', 'Paused'),
  met: look('green', 'check', 'Met'),
  breached: look('red', 'alarm', 'Breached'),
  canceled: look('grey', 'cross', 'Canceled'),
};

const hostLooks: Readonly<Record<Host['state'], Look>> = {
  up: look('green', 'check', 'Up'),
  silent: look('red', 'silent', 'Silent'),
  refused: look('amber', 'cross', 'Refused'),
};

/** A state that a restarted collector only remembers is not claimed; an older one does not tell and is believed. */
export function hostLook(host: Pick<Host, 'state' | 'heard'>): Look {
  if (host.state === 'up' && !isReporting(host)) return look('grey', 'clock', 'Not heard yet');
  return lookOf(hostLooks, host.state);
}

export function isReporting({ state, heard = true }: Pick<Host, 'state' | 'heard'>): boolean {
  return state === 'up' && heard;
}

export const serviceLooks: Readonly<Record<Service['state'], Look>> = {
  up: look('green', 'check', 'Up'),
  down: look('red', 'alarm', 'Down'),
  degraded: look('amber', 'warn', 'Degraded'),
  unknown: look('grey', 'unknown', 'Unknown'),
};

export const outlookLooks: Readonly<Record<Outlook, Look>> = {
  filling: look('amber', 'warn', 'Filling'),
  not_filling: look('green', 'check', 'Not filling'),
  unpredictable: look('grey', 'unknown', 'Unpredictable'),
  not_enough_history: look('grey', 'clock', 'Not enough history'),
};

export const problemLooks: Readonly<Record<ProblemState, Look>> = {
  new: look('red', 'alarm', 'New'),
  assess: look('amber', 'eye', 'Being assessed'),
  root_cause_analysis: look('amber', 'eye', 'Root cause analysis'),
  fix_in_progress: look('blue', 'work', 'Fix in progress'),
  resolved: look('green', 'check', 'Resolved'),
  closed: look('grey', 'check', 'Closed'),
};

/** For a word the API may add later: shown plainly rather than not at all. */
export function lookOf<K extends string>(looks: Readonly<Record<K, Look>>, state: K): Look {
  return Object.hasOwn(looks, state) ? looks[state] : look('grey', 'unknown', state.replaceAll('_', ' '));
}
