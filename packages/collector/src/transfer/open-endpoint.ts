import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type DirectoryLimits, openDirectorySource, openDirectoryTarget } from './directory-endpoint.ts';
import type { TransferSource, TransferTarget } from './endpoint.ts';
import { HttpSource } from './http-source.ts';
import { HttpTarget } from './http-target.ts';
import { ServerClient } from './server-client.ts';

/** One end of a transfer: an address that begins with http:// or https://, or the storage path of a stopped collector. */
export interface EndpointAddress {
  readonly address: string;
  /** A bearer token for a server. */
  readonly token: string | null;
  /** How people give the token, for messages. */
  readonly tokenFlag: string;
}

/** Opens where samples are read. Throws PlimsollError where there is nothing, or it is in use. */
export async function openSource(endpoint: EndpointAddress, runtime: Runtime): Promise<TransferSource> {
  const client = clientOf(endpoint);
  if (client !== null) {
    const source = new HttpSource(client, runtime.now());
    await source.probe();
    return source;
  }
  return openDirectorySource(pathOf(endpoint.address), runtime);
}

/** Opens where samples are written; a directory is made where it is missing. */
export async function openTarget(
  endpoint: EndpointAddress,
  runtime: Runtime,
  limits: DirectoryLimits,
): Promise<TransferTarget> {
  const client = clientOf(endpoint);
  if (client === null) return openDirectoryTarget(pathOf(endpoint.address), runtime, limits);
  const reader = new HttpSource(client, runtime.now());
  return HttpTarget.open(client, (await canBeRead(reader)) ? reader : null);
}

async function canBeRead(source: HttpSource): Promise<boolean> {
  try {
    await source.probe();
    return true;
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'failed_precondition') return false;
    throw error;
  }
}

/** Whether an address is a path. */
export function isPath(address: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(address);
}

function pathOf(address: string): string {
  return address.replace(/^dir:/, '');
}

function clientOf({ address, token, tokenFlag }: EndpointAddress): ServerClient | null {
  if (isPath(address)) return null;
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
  return new ServerClient(address, token, tokenFlag);
}
