import {
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { RefusedError, UnansweredError, type TemporalWriter } from './temporal.ts';
import { understood } from './unanswered.ts';

const WRITE_DEADLINE_MS = 10_000;

const MAY_STILL_BE_DONE = 'It may still be done later: look again before you repeat it.';

export function createTemporalWriter(client: Client): TemporalWriter {
  return {
    update: async (workflowId, definition, arg, updateId) => {
      try {
        await client.withDeadline(Date.now() + WRITE_DEADLINE_MS, () =>
          client.workflow
            .getHandle(workflowId)
            .executeUpdate(definition, { args: [arg], updateId }),
        );
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) {
          throw new RefusedError(error.cause?.message ?? error.message, { cause: error });
        }
        const why = await understood(client, workflowId, error);
        if (why instanceof UnansweredError && isLate(error)) {
          const message = `Nobody took it within ${WRITE_DEADLINE_MS / 1000} s. ${why.message} ${MAY_STILL_BE_DONE}`;
          throw new UnansweredError(why.who, message, { cause: error });
        }
        throw why;
      }
    },
  };
}

/** It had been sent, and may have been kept by the server. */
function isLate(error: unknown): boolean {
  return error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
}
