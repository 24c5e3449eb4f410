import {
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
  StreamResponseSchema,
  TelemetryService,
} from './gen/plimsoll/v1/telemetry_pb.ts';
import type { MethodDefinition } from '@grpc/grpc-js';
import { grpcMethod } from './grpc.ts';

/** The grpc-js service definition of plimsoll.v1.TelemetryService. */
export const telemetryServiceDefinition: {
  readonly stream: MethodDefinition<StreamRequest, StreamResponse>;
} = {
  stream: grpcMethod(TelemetryService, 'stream', StreamRequestSchema, StreamResponseSchema),
};
