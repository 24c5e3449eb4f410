import type { IncomingHttpHeaders } from 'node:http';

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why a request is refused, undefined when it is not. Only pages and programs that name this host as itself get an
 * answer: a web site whose name was made to point here (DNS rebinding), or that reads us from its own page, does not.
 */
export function refuseRequest(headers: IncomingHttpHeaders): string | undefined {
  if (!LOCAL_HOSTS.has(hostOf(headers.host))) return 'the Host header must be localhost, 127.0.0.1 or [::1]';
  if (headers['sec-fetch-site'] === 'cross-site') return 'cross-site requests are refused';
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`)
    return 'requests of a foreign origin are refused';
  return undefined;
}

/** The host without its port. */
function hostOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '');
}
