import { PlimsollError } from '../errors.ts';

/** Who acts. On loopback every request is the operator; the local admin token makes an administrator. */
export interface Principal {
  readonly role: 'operator' | 'administrator';
  /** Recorded with what was done. */
  readonly actor: { readonly kind: 'user' | 'token'; readonly id: string };
}

/** What may be done. Reads are open to everyone who passes the access rules. */
export type Action =
  | 'incident.open'
  | 'incident.change'
  | 'problem.change'
  | 'telemetry.write'
  | 'telemetry.delete'
  | 'alert.post'
  | 'silence.change'
  | 'backup.take'
  | 'backup.read'
  | 'configuration.reload';

const ADMINISTRATOR_ONLY: ReadonlySet<Action> = new Set([
  'configuration.reload',
  'telemetry.delete',
  'backup.take',
  'backup.read',
]);

/** Every write passes here. Throws `permission_denied` with what is needed. */
export function authorise(principal: Principal, action: Action, resource: string): void {
  if (principal.role === 'administrator' || !ADMINISTRATOR_ONLY.has(action)) return;
  throw new PlimsollError(
    'permission_denied',
    `${action} on ${resource} needs the local admin token: send "Authorization: Bearer" with the content of ` +
      'admin-token in the storage path',
    { details: { action, resource } },
  );
}
