import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { openAlertmanager } from '../../alertmanager/open-alertmanager.ts';
import { loadConfig } from '../../config/load-config.ts';
import { openHostRegistry, type WritableHostRegistry } from '../../hosts/open-host-registry.ts';
import { ADMIN_TOKEN_FILE, loadAdminToken } from '../../security/admin-token.ts';
import { openEmbeddedStore } from '../../telemetry/embedded/open-embedded-store.ts';
import type { TelemetryStore } from '../../telemetry/store.ts';
import type { ApiServices } from '../api-services.ts';
import { createApi } from '../create-api.ts';
import { createEventHub, type EventHub } from '../event-hub.ts';
import { createQueryEngine } from '../prometheus/promql-query-engine.ts';
import { startHttpServer } from '../start-http-server.ts';
import { loadStaticFiles } from '../static-files.ts';

export const NOW_MS = Date.UTC(2026, 5, 1, 12);

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly adminToken: string;
  readonly store: TelemetryStore;
  readonly hosts: WritableHostRegistry;
  readonly events: EventHub;
  readonly metrics: Registry;
}

/** Where the UI's files of a test API are looked for. */
export const uiDirectory = (directory: string): string => path.join(directory, 'web');

/** The API over a real socket, with a real store and host registry; what a test does not touch is empty. */
export async function startTestApi(
  change: (services: ApiServices) => Partial<ApiServices> = () => ({}),
  prepare: (directory: string) => Promise<void> = async () => undefined,
): Promise<TestApi> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-api-'));
  await mkdir(uiDirectory(directory));
  await prepare(directory);
  const metrics = new Registry();
  const runtime = { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics };
  const store = await openEmbeddedStore({
    path: path.join(directory, 'store'),
    runtime,
    options: { commitIntervalMs: 1 },
  });
  const hosts = openHostRegistry(directory, () => NOW_MS);
  const events = createEventHub(runtime);
  const config = await loadConfig({ flags: {}, env: {}, readFile: (file) => readFile(file, 'utf8') });
  const alertmanager = openAlertmanager({
    runtime,
    desk: {
      signal: async () => undefined,
      firing: () => [],
      submit: () => refuse(new Error('no desk in this test')),
    },
    storagePath: directory,
    config: config.file,
    externalUrl: 'http://127.0.0.1',
  });
  const services: ApiServices = {
    ...emptyServices,
    alertmanager,
    runtime,
    store,
    queries: createQueryEngine(createEngine({ now: () => performance.now() }), store),
    hosts,
    events,
    config: () => config.file,
    adminToken: await loadAdminToken(directory),
    ui: await loadStaticFiles(uiDirectory(directory)),
  };
  const server = await startHttpServer({
    ...createApi({ ...services, ...change(services) }),
    listenAddress: { host: '127.0.0.1', port: 0 },
  });
  return {
    url: server.url,
    directory,
    adminToken: (await readFile(path.join(directory, ADMIN_TOKEN_FILE), 'utf8')).trim(),
    store,
    hosts,
    events,
    metrics,
    async [Symbol.asyncDispose]() {
      events[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await alertmanager[Symbol.asyncDispose]();
      hosts[Symbol.dispose]();
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

const emptyServices: Omit<
  ApiServices,
  'runtime' | 'store' | 'queries' | 'alertmanager' | 'hosts' | 'events' | 'config' | 'adminToken' | 'ui'
> = {
  rules: { groups: () => [] },
  desk: {
    incidents: () => ({ items: [], nextCursor: null }),
    incident: () => undefined,
    problems: () => ({ items: [], nextCursor: null }),
    problem: () => undefined,
    services: () => [],
    service: () => undefined,
    servicesOf: () => [],
    openIncidentsByInstance: () => new Map(),
    submit: () => refuse(new Error('no desk in this test')),
  },
  capacity: { filesystems: async () => [], filesystemForecast: async () => undefined },
  backups: { start: () => fail('no backups in this test'), find: () => undefined, list: () => [] },
  process: {
    version: '0.0.0-test',
    startedAtMs: NOW_MS - 60_000,
    workingDirectory: '/',
    hostname: 'test',
    storageRetention: '30d',
    lastReload: () => ({ successful: true, atMs: NOW_MS }),
    configurationYaml: () => 'rule_files: []\n',
    flags: { 'storage.path': './data' },
  },
  externalUrl: null,
  queryTimeoutMs: 10_000,
  isReady: () => true,
  status: () => refuse(new Error('no status in this test')),
  reload: async () => undefined,
};

function fail(message: string): never {
  throw new Error(message);
}

function refuse(error: Error): Promise<never> {
  return Promise.reject(error);
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A request whose headers are exactly these: fetch would not let a test set Host, Origin or Sec-Fetch-Site. */
export function rawRequest(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}
