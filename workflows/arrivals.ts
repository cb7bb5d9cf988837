import {
  ApplicationFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { MAX_QUEUE_BYTES } from './carried-size.ts';
import {
  appointmentAnswered,
  appointmentProposed,
  datasetsArrived,
  NOTHING_TAKEN,
  offerDatasets,
  type DatasetFile,
} from './contract.ts';
import { appoint, type PipelineState } from './pipeline-state.ts';
import { takeIn, wouldTakeIn } from './queue.ts';

/** Registers how files come in, and how runs ask for a change of the champion. */
export function handleArrivals(state: PipelineState): void {
  const takenUp = (): Promise<void> => condition(() => !state.takingUp);
  const take = (files: readonly DatasetFile[]): void => {
    const isInBytes = state.patchesHold || patched('queue in bytes');
    takeIn(state, files, isInBytes ? MAX_QUEUE_BYTES : Infinity);
  };
  // Without waiting where there is nothing to wait for: histories of older code have it so.
  setHandler(datasetsArrived, (files) =>
    state.takingUp ? takenUp().then(() => take(files)) : take(files),
  );
  setHandler(
    offerDatasets,
    async (files: readonly DatasetFile[]) => {
      if (state.takingUp) await takenUp();
      return takeIn(state, files);
    },
    {
      validator: (files: readonly DatasetFile[]) => {
        if (state.takingUp) return;
        const answer = wouldTakeIn(state, files);
        if (answer.taken > 0) return;
        throw ApplicationFailure.create({
          message: 'none of the files was taken in',
          type: NOTHING_TAKEN,
          nonRetryable: true,
          details: [answer],
        });
      },
    },
  );
  setHandler(appointmentProposed, async (proposal) => {
    if (state.takingUp) await takenUp();
    const answer = appoint(state, proposal, new Date().toISOString());
    try {
      const run = getExternalWorkflowHandle(proposal.runWorkflowId);
      const tell = (): Promise<void> => run.signal(appointmentAnswered, answer);
      // A pipeline that is cancelled waits for its run, and the run for the answer.
      await (state.patchesHold ? CancellationScope.nonCancellable(tell) : tell());
    } catch (error) {
      log.warn('The run that proposed a champion ended before it was answered', {
        run: proposal.runWorkflowId,
        error: String(error),
      });
    }
  });
}
