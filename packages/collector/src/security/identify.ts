import { PlimsollError } from '../errors.ts';
import type { AdminToken } from './admin-token.ts';
import type { Principal } from './authorise.ts';

const OPERATOR: Principal = { role: 'operator', actor: { kind: 'user', id: 'operator' } };
const ADMINISTRATOR: Principal = { role: 'administrator', actor: { kind: 'token', id: 'local-admin' } };
const BEARER = /^Bearer +(?<token>\S+)$/i;

/** Who sends a request with this Authorization header. A wrong token is an error (`unauthenticated`), never ignored. */
export function identify(authorization: string | null, adminToken: AdminToken): Principal {
  if (authorization === null) return OPERATOR;
  const token = BEARER.exec(authorization)?.groups?.['token'];
  if (token !== undefined && adminToken.matches(token)) return ADMINISTRATOR;
  throw new PlimsollError(
    'unauthenticated',
    'the Authorization header does not carry the local admin token; leave the header out or send the right token',
  );
}
