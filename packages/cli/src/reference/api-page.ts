import { markdownTable } from './markdown-table.ts';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary?: string }>>>>;
}

/** The page that lists our own routes, from the description the collector serves. */
export function apiPage(openApi: string): string {
  const { paths } = JSON.parse(openApi) as OpenApi;
  const rows = Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, { summary = '' }]) => [
      `\`${method.toUpperCase()} ${route}\``,
      summary,
    ]),
  );
  return `# HTTP API

A running collector describes every route below, with parameters and schemas, as OpenAPI 3.1 at \`/api/openapi.json\`.

- Lists answer \`{"items": [], "nextCursor": null}\` and take \`limit\`, \`cursor\` and filters; pass \`nextCursor\` as \`cursor\`.
  With \`accept: text/csv\` they are CSV, the next page in the \`Link\` header.
- Errors are \`application/problem+json\` with \`type\`, \`title\`, \`status\`, \`detail\` and \`code\`.
- Times are RFC 3339 in UTC, durations are seconds, what is unknown is null.
- Writes need \`content-type: application/json\`; with an \`idempotency-key\` a repeated write changes nothing.
- Reload needs the local admin token (\`plimsoll token\`) as \`Authorization: Bearer\`.

${markdownTable(['Route', 'What it does'], rows)}

## Beside it

| Route | What it does |
| --- | --- |
| \`/api/v1/*\` | Prometheus' HTTP API: query, query_range, series, labels, label values, metadata, rules, alerts, targets, status, format_query, parse_query; errors in Prometheus' form |
| \`POST /api/v1/write\` | Prometheus' remote write, 1.0 and 2.0; float samples, native histograms, start timestamps and metadata |
| \`POST /api/v1/read\` | Prometheus' remote read, answered with streamed chunks where the reader takes them, else with samples |
| \`POST /api/v1/admin/tsdb/delete_series\`, \`POST /api/v1/admin/tsdb/clean_tombstones\` | Prometheus' deletion of samples, and of what they take on disk; with the admin token |
| \`GET /federate\` | The newest samples of the selected series, as another Prometheus scrapes them |
| \`POST /api/v2/alerts\`, \`GET /api/v2/alerts\`, \`GET /api/v2/alerts/groups\` | Alertmanager's API: alerts other servers post become incidents; the list has those and our own |
| \`/api/v2/silences\`, \`/api/v2/silence/{id}\` | Alertmanager's silences: they withhold notifications, never incidents |
| \`GET /api/v2/status\`, \`GET /api/v2/receivers\` | What Alertmanager's tools ask for |
| \`GET /metrics\` | The collector's own metrics |
| \`GET /-/healthy\`, \`GET /-/ready\` | 200 when the process lives, and when it serves |
| \`POST /-/reload\` | Reads the configuration again |
`;
}
