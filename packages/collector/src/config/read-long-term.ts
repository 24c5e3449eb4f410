import { PlimsollError } from '../errors.ts';
import type { LongTermConfig, QuestdbServer, RemoteServer } from './config.ts';
import type { StorageSettings } from './file-schema.ts';
import { readSecret, type SecretSources } from './read-secret.ts';

/**
 * The long-term engine with its secrets read: from the `*_file` key, else from the environment variable
 * `PLIMSOLL_REMOTE_<SECRET>` or `PLIMSOLL_QUESTDB_<SECRET>`, or the file named by the same with `_FILE`, where SECRET is
 * BEARER_TOKEN (TOKEN for QuestDB) or PASSWORD.
 */
export async function readLongTerm(
  settings: StorageSettings,
  sources: SecretSources,
): Promise<LongTermConfig | null> {
  const { engine, recent: recentMs, queueSize: queueLimitBytes } = settings;
  if (engine === 'embedded') return null;
  const server =
    engine === 'remote'
      ? await readRemote(settings.remote, sources)
      : await readQuestdb(settings.questdb, sources);
  return { recentMs, queueLimitBytes, server };
}

async function readRemote(
  settings: StorageSettings['remote'],
  sources: SecretSources,
): Promise<RemoteServer> {
  const { write_url: writeUrl, query_url: queryUrl, username, headers } = settings;
  require('storage.remote.write_url', writeUrl);
  require('storage.remote.query_url', queryUrl);
  const secret = secretsOf('storage.remote', 'REMOTE', sources);
  const token = await secret('BEARER_TOKEN', settings.bearer_token_file);
  const password = await secret('PASSWORD', settings.password_file);
  const authorisation = authorisationOf('storage.remote', token, username, password);
  return {
    kind: 'remote',
    writeUrl,
    queryUrl: queryUrl.replace(/\/+$/, ''),
    headers: authorisation === null ? headers : { ...headers, authorization: headerOf(authorisation) },
  };
}

async function readQuestdb(
  settings: StorageSettings['questdb'],
  sources: SecretSources,
): Promise<QuestdbServer> {
  require('storage.questdb.http_url', settings.http_url);
  const secret = secretsOf('storage.questdb', 'QUESTDB', sources);
  const token = await secret('TOKEN', settings.token_file);
  const password = await secret('PASSWORD', settings.password_file);
  return {
    kind: 'questdb',
    url: settings.http_url,
    credentials: authorisationOf('storage.questdb', token, settings.username, password),
    tablePrefix: settings.table_prefix,
  };
}

function secretsOf(owner: string, prefix: string, sources: SecretSources) {
  return (key: string, file: string): Promise<string | null> =>
    readSecret(
      { owner, variable: `PLIMSOLL_${prefix}_${key}`, file: file === '' ? undefined : file },
      sources,
    );
}

function authorisationOf(
  owner: string,
  token: string | null,
  username: string,
  password: string | null,
): QuestdbServer['credentials'] {
  if (token !== null && username !== '') {
    throw new PlimsollError('configuration', `${owner}: give either a bearer token or a user name`);
  }
  if (token !== null) return { token };
  return username === '' ? null : { username, password: password ?? '' };
}

function headerOf(credentials: NonNullable<QuestdbServer['credentials']>): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  const { username, password } = credentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function require(name: string, value: string): void {
  if (value !== '') return;
  throw new PlimsollError('configuration', `${name}: storage.engine needs it, an http or https URL`);
}
