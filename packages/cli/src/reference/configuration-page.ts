import { configReference } from '@plimsoll/collector';
import { markdownTable } from './markdown-table.ts';

/** The page that lists every key of the configuration file. */
export function configurationPage(): string {
  const rows = configReference().map(({ key, default: fallback, allowed, help }) => [
    `\`${key}\``,
    fallback === '' ? '' : `\`${fallback}\``,
    allowed,
    help,
  ]);
  return `# Configuration file

YAML, named by \`--config.file\`, read at start and at every reload (SIGHUP, or POST \`/-/reload\` with the admin token). A file
with a fault is refused as a whole, with file, line, column and the nearest valid name; what runs stays as it is.
\`plimsoll check config FILE\` tells beforehand. Durations are written as in Prometheus (\`15m\`, \`1h30m\`, \`30d\`), sizes with a
unit (\`512MiB\`, \`10GiB\`; powers of 1024 for MB and MiB alike). A number without a unit is refused, but for a
duration of 0.
Of \`global\` and \`storage\` (but for \`maxFuture\`), \`ingest.maxMessageSize\` and \`ingest.maxSeriesTotal\` a change waits for the next
start; the log names it.

${markdownTable(['Key', 'Default', 'Allowed', 'Meaning'], rows)}

## Secrets

A secret is never written in the file. Its \`*_file\` key names a file, relative to the configuration file; else it comes from
the environment: \`PLIMSOLL_<CHANNEL>_<SECRET>\`, or the file that \`PLIMSOLL_<CHANNEL>_<SECRET>_FILE\` names, where CHANNEL is
the channel's name in capitals with \`_\` for everything that is no letter or digit, and SECRET is \`URL\`, \`HMAC_SECRET\` or
\`AUTH_PASSWORD\`. Those of the long-term engine are \`PLIMSOLL_REMOTE_BEARER_TOKEN\`, \`PLIMSOLL_REMOTE_PASSWORD\`,
\`PLIMSOLL_QUESTDB_TOKEN\` and \`PLIMSOLL_QUESTDB_PASSWORD\`, each with \`_FILE\` too.
`;
}
