import { PlimsollError } from '../errors.ts';
import { isLoopbackHost, parseListenAddress } from './listen-address.ts';

/** A flag and its value. */
export interface NamedAddress {
  readonly flag: string;
  readonly value: string;
}

/**
 * Refuses (`configuration`, exit 78) every address that other machines can reach: sign-in and mutual TLS are not part of
 * this version, so whoever reached it could read and change everything. With `insecure` the addresses are answered
 * instead, for a warning and the metric `plimsoll_insecure`.
 */
export function checkListenAddresses(addresses: readonly NamedAddress[], insecure: boolean): string[] {
  const exposed = addresses.filter(
    ({ flag, value }) => !isLoopbackHost(parseListenAddress(value, flag).host),
  );
  if (exposed.length > 0 && !insecure) {
    const list = exposed.map(({ flag, value }) => `--${flag}=${value}`).join(' and ');
    throw new PlimsollError(
      'configuration',
      `${list} can be reached from other machines, and this version has neither sign-in nor TLS: ` +
        'listen on 127.0.0.1 or [::1] behind a proxy that has both, or pass --insecure to accept the risk',
    );
  }
  return exposed.map(({ value }) => value);
}
