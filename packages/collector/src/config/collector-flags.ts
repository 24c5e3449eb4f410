import type { FlagDefinition } from './flag-definition.ts';

/** What a collector process is; everything else is in the configuration file and reloads. */
export const collectorFlags: readonly FlagDefinition[] = [
  { name: 'config.file', type: 'string', default: '', help: 'Configuration file (YAML); SIGHUP reloads it' },
  {
    name: 'storage.path',
    type: 'string',
    default: './data',
    help: 'Directory of telemetry, journal and token',
  },
  {
    name: 'web.listen-address',
    type: 'string',
    default: '127.0.0.1:9720',
    help: 'Address of the UI and the HTTP API; port 0 lets the system choose',
  },
  {
    name: 'web.external-url',
    type: 'string',
    default: '',
    help: 'URL under which browsers reach the collector, for example through a proxy; its host is accepted as Host',
  },
  {
    name: 'grpc.listen-address',
    type: 'string',
    default: '127.0.0.1:9721',
    help: 'Address agents stream to; port 0 lets the system choose',
  },
  {
    name: 'query.timeout',
    type: 'duration',
    default: '2m',
    help: 'The longest a query may take before it is aborted',
  },
  {
    name: 'query.lookback-delta',
    type: 'duration',
    default: '5m',
    help: 'How far back a query looks for the newest sample of a series',
  },
  {
    name: 'query.max-samples',
    type: 'integer',
    default: '50000000',
    help: 'Samples one query may hold in memory at once',
  },
  {
    name: 'log.level',
    type: 'choice',
    choices: ['trace', 'debug', 'info', 'warn', 'error'],
    default: 'info',
    help: 'Log only messages at least this severe',
  },
  {
    name: 'insecure',
    type: 'boolean',
    default: 'false',
    help: 'Accept listen addresses other machines can reach, although there is neither sign-in nor TLS',
  },
  {
    name: 'print-config',
    type: 'boolean',
    default: 'false',
    help: 'Print every setting with its source, secrets redacted, and exit',
  },
];
