/** What the access rules look at in a request. Header values are null when absent. */
export interface AccessRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string | null;
  readonly origin: string | null;
  readonly secFetchSite: string | null;
  readonly contentType: string | null;
}

export interface AccessRefusal {
  readonly status: 403 | 415;
  /** Which rule refused it. */
  readonly reason: 'host' | 'origin' | 'cross_site' | 'media_type';
  readonly detail: string;
}

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(?<port>\d{1,5}))?$/i;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const OUR_API = '/api/plimsoll/';

/**
 * The access rules of every HTTP port, as a decision. The Host rule defeats DNS rebinding, the Origin and Sec-Fetch-Site
 * rules keep other web pages in the operator's browser out (of reads and event streams too), and the media type rule
 * keeps plain HTML forms from writing. Forwarded headers are never looked at. Answers null when the request may pass.
 */
export function checkAccess(request: AccessRequest, externalUrl: string | null): AccessRefusal | null {
  const external = externalUrl === null ? null : new URL(externalUrl);
  const host = (request.host ?? '').toLowerCase();
  const local = LOCAL_HOST.exec(host);
  if (local === null && !isExternalHost(host, external)) {
    return refuse(
      'host',
      `the Host header must be localhost, 127.0.0.1, [::1] or the host of --web.external-url, not "${host}"`,
    );
  }
  if (request.secFetchSite?.toLowerCase() === 'cross-site') {
    return refuse('cross_site', 'requests started by another site are refused (Sec-Fetch-Site: cross-site)');
  }
  if (request.origin !== null && !isOwnOrigin(request.origin, local?.groups?.['port'] ?? '', external)) {
    return refuse('origin', `the origin "${request.origin}" may not use this server`);
  }
  if (needsJson(request) && mediaType(request.contentType) !== 'application/json') {
    return {
      status: 415,
      reason: 'media_type',
      detail: 'writes need the header content-type: application/json',
    };
  }
  return null;
}

function refuse(reason: AccessRefusal['reason'], detail: string): AccessRefusal {
  return { status: 403, reason, detail };
}

function isExternalHost(host: string, external: URL | null): boolean {
  if (external === null || !URL.canParse(`${external.protocol}//${host}`)) return false;
  return new URL(`${external.protocol}//${host}`).origin === external.origin;
}

/** Another port of this machine is another origin: it may be any program's page. */
function isOwnOrigin(origin: string, localPort: string, external: URL | null): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (external !== null && url.origin === external.origin) return true;
  const local = LOCAL_HOST.exec(url.host);
  return url.protocol === 'http:' && local !== null && url.port === (localPort === '80' ? '' : localPort);
}

function needsJson(request: AccessRequest): boolean {
  return request.path.startsWith(OUR_API) && !SAFE_METHODS.has(request.method);
}

function mediaType(contentType: string | null): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
