import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from './exit-code.ts';
import { type Flag, type ParsedFlags, textOf } from './flags.ts';

const DEFAULT_URL = 'http://127.0.0.1:9720';
const REQUEST_TIMEOUT_MS = 150_000;

/** Flags of every command that talks to a collector. */
export const clientFlags: readonly Flag[] = [
  {
    name: 'web.url',
    kind: 'text',
    placeholder: 'URL',
    default: '',
    help: `The collector. Empty: from addresses.json in the storage path, else ${DEFAULT_URL}.`,
  },
  {
    name: 'storage.path',
    kind: 'text',
    placeholder: 'DIRECTORY',
    default: './data',
    help: "Storage path of this machine's collector.",
  },
  { name: 'output', kind: 'text', placeholder: 'FORMAT', default: 'table', help: 'table or json.' },
];

/** A request the collector refused or could not answer; its message is the collector's. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
}

export interface Client {
  /** The parsed JSON answer. Throws ClientError. */
  get(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** The form of output asked for. */
export function outputOf(flags: readonly Flag[], parsed: ParsedFlags): 'table' | 'json' {
  const output = textOf(flags, parsed, 'output');
  if (output === 'json' || output === 'table') return output;
  throw new UsageError(`--output is table or json, not "${output}"`);
}

/** A client of the collector the flags name; with its admin token, an administrator. */
export async function openClient(
  flags: readonly Flag[],
  parsed: ParsedFlags,
  token?: string,
): Promise<Client> {
  const given = textOf(flags, parsed, 'web.url');
  const base = given === '' ? await findCollector(flags, parsed) : readUrl(given);
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = async (target: string, init: RequestInit): Promise<unknown> => {
    const url = new URL(target, base.endsWith('/') ? base : `${base}/`);
    let response: Response;
    try {
      response = await fetch(url, {
        ...init,
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
    } catch (error) {
      throw new ClientError(
        `no collector answers at ${base} (${reason(error)}): is it running? see --storage.path and --web.url`,
        {
          cause: error,
        },
      );
    }
    return readAnswer(response);
  };
  return {
    get(target, query = {}) {
      const parameters = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return request(`${target}?${new URLSearchParams(parameters).toString()}`, { headers: authorization });
    },
    post: (target, body) =>
      request(target, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

function readUrl(given: string): string {
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given;
  throw new UsageError(`--web.url "${given}" is no address: write it like ${DEFAULT_URL}`);
}

async function findCollector(flags: readonly Flag[], parsed: ParsedFlags): Promise<string> {
  const storagePath = textOf(flags, parsed, 'storage.path');
  try {
    const addresses: unknown = JSON.parse(await readFile(path.join(storagePath, 'addresses.json'), 'utf8'));
    return readWebAddress(addresses) ?? DEFAULT_URL;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    // No collector was started from this storage path: the default address is the best guess, but not for who named it.
    if (parsed.given['storage.path'] === undefined) return DEFAULT_URL;
    throw new ClientError(
      `no collector was ever started with --storage.path=${storagePath}: name another, or the collector by --web.url`,
      { cause: error },
    );
  }
}

function readWebAddress(addresses: unknown): string | undefined {
  if (typeof addresses !== 'object' || addresses === null || !('web' in addresses)) return undefined;
  const web = String(addresses.web);
  return web.includes('://') ? web : `http://${web}`;
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new ClientError(`the answer (status ${response.status}) is not JSON: is this a collector?`, {
      cause: error,
    });
  }
  if (response.ok) return answer;
  throw new ClientError(member(answer, 'detail') ?? member(answer, 'error') ?? `status ${response.status}`);
}

function member(answer: unknown, name: string): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const value: unknown = Reflect.get(answer, name);
  return typeof value === 'string' ? value : undefined;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
