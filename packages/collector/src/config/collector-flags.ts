import type { FlagDefinition } from './flag-definition.ts';

/** What a collector process is; everything else is in the configuration file and reloads. */
export const collectorFlags: readonly FlagDefinition[] = [
  text('config.file', 'FILE', '', 'Configuration file (YAML); SIGHUP reloads it.'),
  text('storage.path', 'DIRECTORY', './data', 'Where telemetry, journal and the admin token are kept.'),
  text(
    'web.listen-address',
    'HOST:PORT',
    '127.0.0.1:9720',
    'Address of the UI and the HTTP API; port 0 is chosen.',
  ),
  text(
    'web.external-url',
    'URL',
    '',
    'URL under which browsers reach the collector, for example through a proxy; its host is accepted as Host.',
  ),
  text('grpc.listen-address', 'HOST:PORT', '127.0.0.1:9721', 'Address agents stream to; port 0 is chosen.'),
  text('query.timeout', 'DURATION', '2m', 'The longest a query may take before it is aborted.'),
  text(
    'query.lookback-delta',
    'DURATION',
    '5m',
    'How far back a query looks for the newest sample of a series.',
  ),
  text('query.max-samples', 'COUNT', '50000000', 'Samples one query may hold in memory at once.'),
  text('log.level', 'LEVEL', 'info', 'trace, debug, info, warn or error.'),
  toggle(
    'insecure',
    'Accept listen addresses other machines can reach, although there is neither sign-in nor TLS.',
  ),
];

function text(name: string, placeholder: string, fallback: string, help: string): FlagDefinition {
  return { name, kind: 'text', placeholder, default: fallback, help };
}

function toggle(name: string, help: string): FlagDefinition {
  return { name, kind: 'switch', placeholder: '', default: false, help };
}
