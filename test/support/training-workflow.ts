import { proxyActivities } from '@temporalio/workflow';
import { TRAINING } from '../../workflows/activity-options.ts';
import type { ComputeActivities } from '../../workflows/contract.ts';

const { train } = proxyActivities<ComputeActivities>({
  ...TRAINING,
  retry: {
    ...TRAINING.retry,
    initialInterval: '50 milliseconds',
    maximumInterval: '200 milliseconds',
  },
});

/** One training by the retry policy of trainings, with short pauses. */
export async function trainOnce(input: Parameters<typeof train>[0]): Promise<string> {
  return (await train(input)).id;
}
