import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type DirectoryLimits, openDirectorySource, openDirectoryTarget } from './directory-endpoint.ts';
import { type EndpointAddress, expectAddress, isPath, pathOf } from './endpoint-address.ts';
import type { TransferSource, TransferTarget } from './endpoint.ts';
import { HttpSource } from './http-source.ts';
import { HttpTarget } from './http-target.ts';
import { ServerClient } from './server-client.ts';

/** Opens where samples are read. Throws PlimsollError where there is nothing, or it is in use. */
export async function openSource(endpoint: EndpointAddress, runtime: Runtime): Promise<TransferSource> {
  const client = clientOf(endpoint, runtime);
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
  const client = clientOf(endpoint, runtime);
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

function clientOf(endpoint: EndpointAddress, { log }: Pick<Runtime, 'log'>): ServerClient | null {
  expectAddress(endpoint);
  const { address, token, tokenFlag } = endpoint;
  return isPath(address) ? null : new ServerClient(address, token, tokenFlag, log);
}
