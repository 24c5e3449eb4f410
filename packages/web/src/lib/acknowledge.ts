import { ApiError, apiBase, postJson } from '../api/client.ts';
import { announce } from '../api/live.ts';
import type { Incident } from '../api/types.ts';
import { defer } from './deferred.ts';
import { reference } from './incidents.ts';
import { notify } from './notices.ts';

export const acknowledgeKey = (id: string) => `acknowledge ${id}`;

/** Acknowledges after the undo window; says so when it is done or when the collector refused it. */
export function acknowledgeWithUndo(incident: Pick<Incident, 'id' | 'number'>): void {
  const name = reference(incident.number);
  defer(acknowledgeKey(incident.id), `Acknowledging ${name}`, async (leaving) => {
    try {
      await postJson(
        `${apiBase}/incidents/${encodeURIComponent(incident.id)}/acknowledge`,
        {},
        { keepalive: leaving },
      );
      notify('done', `${name} acknowledged`);
    } catch (cause) {
      notify(
        'failed',
        `${name} is not acknowledged. ${cause instanceof ApiError ? cause.message : String(cause)}`,
      );
    }
    announce('incident', incident.id);
  });
}

/** Acknowledges the incident of the focused row; without one, the incident the page is about. */
export function acknowledgeFocused(): void {
  const inRow = document.activeElement?.closest<HTMLElement>('[data-incident]');
  const subject = inRow ?? document.querySelector<HTMLElement>('main [data-subject][data-incident]');
  const { incident, number, state } = subject?.dataset ?? {};
  if (!incident || !number) {
    notify('done', 'Move to an incident first (j and k), then press a.');
    return;
  }
  if (state !== 'new') {
    notify('done', `${reference(Number(number))} is already acknowledged.`);
    return;
  }
  acknowledgeWithUndo({ id: incident, number: Number(number) });
}
