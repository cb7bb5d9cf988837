import {
  CancellationScope,
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  patched,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  appointmentAnswered,
  appointmentProposed,
  pipelineWorkflowId,
  type AppointmentAnswer,
  type AppointmentProposal,
  type ModelRef,
  type MonitorDatasetInput,
} from './contract.ts';
import type { RunRecord } from './run-record.ts';
import { wasBegunBy } from './run-version.ts';

/**
 * Asks the pipeline to change the champion and waits for its answer. The pointer is the pipeline's, so that
 * a person's rollback or promotion during a long training is not overwritten.
 */
export async function propose(
  kind: AppointmentProposal['kind'],
  model: ModelRef,
  why: string,
  input: MonitorDatasetInput,
  run: RunRecord,
  more: Pick<AppointmentProposal, 'fromShadow'> = {},
): Promise<AppointmentAnswer> {
  run.enter('promote');
  const id = uuid4();
  const answers: AppointmentAnswer[] = [];
  setHandler(appointmentAnswered, (given) => {
    // A run that was reset is told again what an earlier proposal of it was answered.
    if (given.proposalId === undefined || given.proposalId === id) answers.push(given);
  });
  const pipeline = getExternalWorkflowHandle(pipelineWorkflowId(input.config.name));
  const proposal: AppointmentProposal = {
    id,
    runWorkflowId: workflowInfo().workflowId,
    kind,
    expectedChampionId: run.championId,
    model,
    why,
    ...more,
  };
  const isAnswered = (): boolean => answers.length > 0;
  const isOfNow = wasBegunBy(3, input);
  const exchange = async (): Promise<AppointmentAnswer> => {
    for (;;) {
      await pipeline.signal(appointmentProposed, proposal);
      if (!isOfNow && !patched('proposals are sent again')) await condition(isAnswered);
      else if (!(await condition(isAnswered, ANSWER_WITHIN))) continue;
      const [answer] = answers;
      if (answer !== undefined) return answer;
    }
  };
  if (!isOfNow) return exchange();
  if (CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure('The run was cancelled before it proposed its model');
  }
  // The pipeline decides as soon as it is asked: a run that is cancelled then has to hear what it decided.
  return CancellationScope.nonCancellable(exchange);
}

/** A pipeline that did not answer for so long is asked once more; the same proposal has the same answer. */
const ANSWER_WITHIN = '10 minutes';
