import type { NativeConnection } from '@temporalio/worker';
import { isGrpcServiceError } from '@temporalio/client';

/** The server has no such namespace: it was deleted, or the server is another one than before. */
export class MissingNamespaceError extends Error {
  override name = 'MissingNamespaceError';
}

/** gRPC's code for what is not there. */
const NOT_FOUND: ReadonlySet<number> = new Set([5]);
const ANSWER_WITHIN_MS = 5_000;

/** Whether a server answered that it has not what it was asked for. */
export function isNotFound(error: unknown): boolean {
  return isGrpcServiceError(error) && NOT_FOUND.has(error.code);
}

/** @param error what the server answered */
export function missingNamespace(namespace: string, error: unknown): MissingNamespaceError {
  return new MissingNamespaceError(
    [
      `The Temporal server has no namespace '${namespace}'. Either one of these helps:`,
      `  - make it: temporal operator namespace create --namespace ${namespace}`,
      `    (npm start and the bootstrap of docker-compose.yml do so for the namespace that they use)`,
      '  - name another one with TEMPORAL_NAMESPACE, or another server with TEMPORAL_ADDRESS',
      'Files, models and reports are kept: pipelines take up their state from the store.',
    ].join('\n'),
    { cause: error },
  );
}

/**
 * Why a worker that failed did so, as far as the server tells.
 * @param error what the worker failed with
 * @returns MissingNamespaceError if the namespace is gone, else `error`
 */
export async function causeOfFailure(
  error: unknown,
  connection: NativeConnection,
  namespace: string,
): Promise<unknown> {
  try {
    await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return error;
  } catch (found) {
    // A server that does not answer explains nothing: what the worker met is told.
    return isNotFound(found) ? missingNamespace(namespace, found) : error;
  }
}
