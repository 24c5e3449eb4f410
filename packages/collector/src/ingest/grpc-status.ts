import { status } from '@grpc/grpc-js';
import type { ErrorCode, PlimsollError } from '../errors.ts';

const STATUS: Readonly<Record<ErrorCode, status>> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  conflict: status.ABORTED,
  failed_precondition: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  out_of_space: status.UNAVAILABLE,
  unavailable: status.UNAVAILABLE,
  configuration: status.FAILED_PRECONDITION,
  locked: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** The one place where the collector's errors become gRPC statuses. */
export function toGrpcStatus(error: PlimsollError): { code: status; details: string } {
  return { code: STATUS[error.code], details: error.message };
}
