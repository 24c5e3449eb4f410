export { telemetryServiceDefinition } from './telemetry-service.ts';
export { isNoSample, isStaleMarker, writeNoSample, writeStaleMarker } from './sample-bits.ts';
export { PLIMSOLL_VERSION } from './version.ts';
export * from './gen/plimsoll/v1/telemetry_pb.ts';

/** The newest dialect of plimsoll.v1 spoken here. Collector N serves agents N-1 and N+1. */
export const PROTOCOL_VERSION = 1;
