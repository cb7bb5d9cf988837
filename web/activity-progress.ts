import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { z } from 'zod';
import type { ActivityProgress } from './temporal.ts';

const { PendingActivityState } = proto.temporal.api.enums.v1;

type PendingActivity = NonNullable<
  WorkflowExecutionDescription['raw']['pendingActivities']
>[number];

const heartbeatSchema = z.object({
  done: z.number().min(0).max(1).catch(0),
  note: z.string().max(500).optional(),
});

/**
 * How far an activity has come. Heartbeats and failures are payloads as any other: where payloads are encrypted, only
 * the client's own converter can read them.
 */
export async function activityProgress(
  pending: PendingActivity,
  converter: LoadedDataConverter,
): Promise<ActivityProgress> {
  const [heartbeat, failure] = await Promise.all([
    heartbeatOf(pending, converter),
    decodeOptionalFailureToOptionalError(converter, pending.lastFailure),
  ]);
  const isRunning = pending.state === PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
  const next = isRunning ? undefined : optionalTsToDate(pending.nextAttemptScheduleTime);
  return {
    type: pending.activityType?.name ?? 'activity',
    state: isRunning ? 'running' : 'waiting',
    attempt: pending.attempt ?? 1,
    lastFailure: failure?.message ?? null,
    nextAttemptAt: next?.toISOString() ?? null,
    done: heartbeat?.done ?? null,
    note: heartbeat?.note ?? null,
  };
}

async function heartbeatOf(
  { heartbeatDetails }: PendingActivity,
  converter: LoadedDataConverter,
): Promise<Partial<z.output<typeof heartbeatSchema>> | undefined> {
  try {
    const details: unknown = await decodeFromPayloadsAtIndex(
      converter,
      0,
      heartbeatDetails?.payloads,
    );
    return heartbeatSchema.safeParse(details).data;
  } catch {
    return { note: 'its progress cannot be read with the keys of this dashboard' };
  }
}
