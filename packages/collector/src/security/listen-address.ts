import { isIP } from 'node:net';
import { PlimsollError } from '../errors.ts';

/** Where a server listens. Port 0 lets the system choose. An empty host means every interface. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PATTERN = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;

/** Reads `host:port`, `[ipv6]:port` or `:port`; throws `configuration` naming the flag otherwise. */
export function parseListenAddress(text: string, flag: string): ListenAddress {
  const groups = PATTERN.exec(text)?.groups;
  const port = Number(groups?.['port']);
  if (groups === undefined || port > 65_535) {
    throw new PlimsollError(
      'configuration',
      `--${flag}: "${text}" is no listen address; write host:port, for example 127.0.0.1:9720 or [::1]:9720`,
    );
  }
  return { host: groups['v6'] ?? groups['host'] ?? '', port };
}

/** Writes an address as it stands in a URL. */
export function formatListenAddress(address: ListenAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether only this machine can reach the host. Names other than localhost are not resolved, so they are not. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost') return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  if (isIP(name) !== 6) return false;
  return new URL(`http://[${name}]/`).hostname === '[::1]';
}
