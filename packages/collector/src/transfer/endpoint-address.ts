import { statSync } from 'node:fs';
import { PlimsollError } from '../errors.ts';

/** One end of a transfer: an address that begins with http:// or https://, or the storage path of a stopped collector. */
export interface EndpointAddress {
  readonly address: string;
  /** A bearer token for a server. */
  readonly token: string | null;
  /** How people give the token, for messages. */
  readonly tokenFlag: string;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** What people write for a server when they leave something out: a port, half a scheme, a host's full name. */
const LIKE_SERVER = [
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)?:\d{1,5}(?:\/|$)/i,
  /^https?:/i,
  /^\/\/[^/]/,
  /^localhost(?:\/|$)/i,
  /^\d{1,3}(?:\.\d{1,3}){3}(?:\/|$)/,
  /^(?:[a-z0-9-]+\.){2,}[a-z]{2,}(?:\/|$)/i,
];

/** Whether an address is a path. */
export function isPath(address: string): boolean {
  return !SCHEME.test(address);
}

/** The path of an address that is one; `dir:` before it says so where it could be taken for something else. */
export function pathOf(address: string): string {
  return address.replace(/^dir:/, '');
}

/**
 * Refuses what is neither a usable address of a server nor a path that somebody would mean as one.
 *
 * @throws PlimsollError 'invalid_argument'.
 */
export function expectAddress({ address, tokenFlag }: Omit<EndpointAddress, 'token'>): void {
  if (isPath(address)) {
    expectPath(address);
    return;
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new PlimsollError(
      'invalid_argument',
      `"${address}" is no address: write it like http://prometheus:9090, or name a storage path`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new PlimsollError(
      'invalid_argument',
      `the address ${url.protocol}//${url.host} has a password in it, which other users of this machine can see: use ${tokenFlag}`,
    );
  }
}

function expectPath(address: string): void {
  if (!LIKE_SERVER.some((form) => form.test(address)) || isDirectory(address)) return;
  const server = address.replace(/^(?:https?:)?\/*/i, '').replace(/^:/, 'localhost:');
  throw new PlimsollError(
    'invalid_argument',
    `"${address}" looks like the address of a server, and there is no such directory: write http://${server} for the server, or dir:${address} for a directory of that name`,
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
