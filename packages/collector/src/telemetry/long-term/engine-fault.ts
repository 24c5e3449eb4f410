import type { PlimsollError } from '../../errors.ts';

/** Why an engine's server does not do what it is asked, as far as people need to know it to mend it. */
export const ENGINE_FAULTS = [
  'connection_refused',
  'unknown_host',
  'unreachable',
  'timeout',
  'tls',
  'connection_lost',
  'not_this_api',
  'sign_in',
  'server_error',
  'configuration',
] as const;

export type EngineFault = (typeof ENGINE_FAULTS)[number];

const ADVICE: Readonly<Record<EngineFault, string>> = {
  connection_refused: 'nothing listens at its address: is it running, and is the port right?',
  unknown_host: 'there is no host of this name: is the address right?',
  unreachable: 'there is no way to its host: is the address right, and the network up?',
  timeout: 'it gives no answer in time: it hangs, is overloaded, or a firewall drops what is sent',
  tls: 'no trusted TLS connection comes about: http or https, and is its certificate trusted (NODE_EXTRA_CA_CERTS)?',
  connection_lost: 'the connection broke off',
  not_this_api: 'something answers there, but not with this API: are address and path right?',
  sign_in: 'it refuses our credentials',
  server_error: 'it answers that it cannot',
  configuration: 'it will not do as it is set up',
};

/** One sentence on a fault, with what to look at. */
export function adviceOn(fault: EngineFault): string {
  return ADVICE[fault];
}

const BY_CODE: Readonly<Record<string, EngineFault>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EPROTO: 'tls',
};
/** OpenSSL's and Node's own names for certificates that do not do. */
const OF_TLS = /^ERR_(?:TLS|SSL)_|CERT|UNABLE_TO_VERIFY/;
const SIGN_IN: ReadonlySet<unknown> = new Set([401, 403]);
/** Answers of who does not know the path, or what is asked of it. */
const NOT_THIS_API: ReadonlySet<unknown> = new Set([404, 405, 406, 415, 501]);

/** Causes within causes are looked at this deep. */
const MAX_DEPTH = 5;

/** Tells faults of an engine apart by what its client threw. */
export function engineFaultOf(error: PlimsollError): EngineFault {
  const { status } = error.details;
  if (SIGN_IN.has(status)) return 'sign_in';
  if (error.code === 'configuration') return 'configuration';
  if (error.details['notThisApi'] === true || NOT_THIS_API.has(status)) return 'not_this_api';
  if (typeof status === 'number') return status < 400 ? 'not_this_api' : 'server_error';
  let cause: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && cause instanceof Error; depth++) {
    const found = ofSystem(cause);
    if (found !== undefined) return found;
    // Several addresses of one name were tried.
    cause = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause.cause;
  }
  return 'connection_lost';
}

function ofSystem(error: Error): EngineFault | undefined {
  if (error.name === 'TimeoutError') return 'timeout';
  // A page for people where JSON belongs.
  if (error instanceof SyntaxError) return 'not_this_api';
  const code = 'code' in error ? String(error.code) : '';
  return BY_CODE[code] ?? (OF_TLS.test(code) ? 'tls' : undefined);
}
