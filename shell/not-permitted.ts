import { isGrpcServiceError } from '@temporalio/client';

/** gRPC codes by which a server says that this is not for clients: permission denied, unimplemented. */
const NOT_PERMITTED: ReadonlySet<number> = new Set([7, 12]);

/** Whether a server does not let clients do what was asked, as Temporal Cloud does not let them change a namespace. */
export function isNotPermitted(error: unknown): boolean {
  return isGrpcServiceError(error) && NOT_PERMITTED.has(error.code);
}
