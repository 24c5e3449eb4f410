import {
  type DescMessage,
  type DescService,
  type MessageShape,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';

/**
 * A grpc-js method definition made from a generated descriptor, so that clients and servers are typed by the .proto
 * file alone.
 */
export function grpcMethod<I extends DescMessage, O extends DescMessage>(
  service: DescService,
  localName: string,
  input: I,
  output: O,
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  const method = service.method[localName];
  if (method === undefined) throw new Error(`${service.typeName} has no method ${localName}`);
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (message) => asBuffer(toBinary(input, message)),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: (message) => asBuffer(toBinary(output, message)),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

/** Views bytes as the Buffer grpc-js asks for, without copying. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
