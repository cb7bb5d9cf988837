import { ActivityFailure, ApplicationFailure, log, proxyActivities } from '@temporalio/workflow';
import { READING } from './activity-options.ts';
import type {
  AppointmentAnswer,
  AppointmentProposal,
  ComputeActivities,
  Dataset,
  ModelRef,
  MonitorDatasetInput,
} from './contract.ts';
import type { RunRecord } from './run-record.ts';

const { findSoundModel } = proxyActivities<ComputeActivities>(READING);

/** Whether an activity failed since a model that it was given is damaged. */
export function isDamagedModel(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === 'DamagedModel'
  );
}

/** Asks the pipeline to put a model in force. */
type Propose = (
  kind: AppointmentProposal['kind'],
  model: ModelRef,
  why: string,
) => Promise<AppointmentAnswer>;

/**
 * After champion or previous model turned out to be damaged: what the run is to go on with. A damaged champion is replaced by the
 * newest sound model, in the pipeline too; where there is none, the run goes on as if the pipeline had none yet, and a
 * model that is trained on it takes the place of the damaged one. A damaged previous model is left out.
 * @returns null if both are sound: what is damaged is something else
 */
export async function withoutDamaged(
  input: MonitorDatasetInput,
  dataset: Dataset,
  run: RunRecord,
  propose: Propose,
): Promise<MonitorDatasetInput | null> {
  const { champion, previous, config } = input;
  if (champion === null) return null;
  const found = run.noted(await findSoundModel({ config, dataset, champion, previous }));
  const { championDamage, previousDamage, model } = found;
  if (championDamage === null && previousDamage === null) return null;
  if (previousDamage !== null) tell(run, input, `The previous ${previousDamage}. It was left out.`);
  if (previous !== null && previousDamage !== null) run.leaveOut(previous.id);
  const sound = { ...input, previous: previousDamage === null ? previous : null };
  if (championDamage === null) return sound;
  run.leaveOut(champion.id);
  const remedy = `Put what is damaged of model ${champion.id} back from a backup of the store and promote it again, or have a new one trained`;
  const damaged = `The champion, ${championDamage}.`;
  const alone = { ...sound, champion: model, previous: null, shadow: null };
  if (model === null) {
    tell(run, input, `${damaged} No model before it is sound. ${remedy}.`);
    return alone;
  }
  const why = `${damaged} Model ${model.id}, the newest sound one, is in force in its place. ${remedy}.`;
  const answer = await propose('fallback', model, why);
  if (!answer.accepted) {
    throw ApplicationFailure.nonRetryable(
      `${damaged} It was not replaced: ${answer.reason}. Process the file again.`,
      'DamagedModel',
    );
  }
  run.fellBackTo(model);
  tell(run, input, why);
  return alone;
}

function tell(run: RunRecord, { config }: MonitorDatasetInput, what: string): void {
  run.note(what);
  log.error(what, { pipeline: config.name });
}
