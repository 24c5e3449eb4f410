import { Gauge } from 'prom-client';
import type { CollectorConfig } from '../config/config.ts';
import type { Runtime } from '../runtime.ts';
import { checkListenAddresses } from '../security/check-listen-addresses.ts';

/** @throws PlimsollError('configuration') for an address other machines reach, unless told `--insecure`. */
export function refuseExposure(config: CollectorConfig, runtime: Runtime): void {
  const addresses = [
    { flag: 'web.listen-address', value: config.webListenAddress },
    { flag: 'grpc.listen-address', value: config.grpcListenAddress },
  ];
  const exposed = checkListenAddresses(addresses, config.insecure);
  new Gauge({
    name: 'plimsoll_insecure',
    help: 'Whether the collector can be reached from other machines without sign-in and TLS.',
    registers: [runtime.metrics],
  }).set(exposed.length > 0 ? 1 : 0);
  if (exposed.length > 0) {
    runtime.log.warn(
      { addresses: exposed },
      'listening without sign-in and TLS: whoever reaches these addresses can read and change everything',
    );
  }
}
