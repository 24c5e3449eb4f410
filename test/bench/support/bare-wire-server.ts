import { create } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type StreamRequest,
  type StreamResponse,
  StreamResponseSchema,
  telemetryServiceDefinition,
} from '@plimsoll/proto';

/**
 * The limit to compare with: the same messages over the same wire, decoded by the generated code and acknowledged one
 * by one, and nothing else done with them. Prints its port.
 */
const server = new Server();
server.addService(telemetryServiceDefinition, {
  stream(call: ServerDuplexStream<StreamRequest, StreamResponse>) {
    call.on('data', ({ message }: StreamRequest) => {
      if (message.case === 'hello') {
        call.write(
          create(StreamResponseSchema, {
            message: { case: 'welcome', value: { limits: { maxFramesInFlight: 256 } } },
          }),
        );
      } else if (message.case === 'frame') {
        const { epoch, sequence } = message.value;
        call.write(
          create(StreamResponseSchema, {
            message: { case: 'ack', value: { durable: [{ epoch, first: sequence, last: sequence }] } },
          }),
        );
      }
    });
    call.on('error', () => undefined);
    call.on('end', () => call.end());
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(String(port));
});
