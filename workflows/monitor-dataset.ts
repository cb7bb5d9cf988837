import {
  CancellationScope,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import { decide, type Decision } from '../core/decision.ts';
import { describeScore } from '../core/findings.ts';
import { rateOfOneFile } from '../core/drift/false-alarms.ts';
import { failureOf } from './activity-failure.ts';
import { NOTIFYING, READING, TRAINING } from './activity-options.ts';
import {
  runProgress,
  runReport,
  type ComputeActivities,
  type Dataset,
  type LightActivities,
  type ModelRef,
  type MonitorDatasetInput,
  type RunResult,
} from './contract.ts';
import { isDamagedModel, withoutDamaged } from './fall-back.ts';
import { propose } from './propose.ts';
import { recording } from './recording.ts';
import { examine, ingest, predict, type HowToRead } from './reading.ts';
import { RunRecord } from './run-record.ts';
import { wasBegunBy } from './run-version.ts';
import { restingForShadow, scoreShadow } from './shadow.ts';

const { scorePredictions, compareModels } = proxyActivities<ComputeActivities>(READING);
const { train } = proxyActivities<ComputeActivities>(TRAINING);
const { notify } = proxyActivities<LightActivities>(NOTIFYING);

/**
 * The way of one dataset file, from its arrival to its outcome. It decides; the activities compute.
 *
 * Whatever happens, it ends with one published report: a file that is at fault has the outcome `invalid`,
 * trouble that outlived its retries `failed`, and neither stops the pipeline.
 */
export async function monitorDataset(input: MonitorDatasetInput): Promise<RunResult> {
  const run = new RunRecord(input);
  setHandler(runProgress, () => run.progress());
  setHandler(runReport, () => run.report());
  let cancellation: Error | null = null;
  try {
    await processFile(input, run);
  } catch (error) {
    if (error instanceof Error && isCancellation(error)) {
      cancellation = error;
      run.end('cancelled', 'The run was cancelled.');
    } else run.endWith(failureOf(error));
  }
  // It has its outcome: who cancels it now is too late, and must not give it a second one.
  await CancellationScope.nonCancellable(() => publishReport(run));
  if (cancellation !== null) throw cancellation;
  if (input.config.hooks !== null) await notifyOthers(input, run);
  return run.result();
}

async function processFile(input: MonitorDatasetInput, run: RunRecord): Promise<void> {
  const { config, file, sequence, champion } = input;
  run.enter('ingest');
  const arrived = { config, file, sequence, ...(champion === null ? {} : { champion }) };
  const dataset = (run.dataset = run.noted(await ingest(arrived, how(file.name, input))));
  if (dataset.waitsFor !== undefined) {
    run.end('waiting', waitingReason(dataset.waitsFor));
    return;
  }
  if (dataset.labelsFor !== undefined) await scoreLate(input, dataset, run);

  let known = input;
  for (let isLast = false; ; isLast = known.champion === null) {
    try {
      await judge(known, dataset, run);
      return;
    } catch (error) {
      if (isLast || !isDamagedModel(error)) throw error;
      const sound = await withoutDamaged(known, dataset, run, (kind, model, why) =>
        propose(kind, model, why, known, run),
      );
      if (sound === null) throw error;
      known = sound;
    }
  }
}

/** Scores what was predicted for a file whose labels have come; a model that is lost since cannot be scored any more. */
async function scoreLate(
  { config }: MonitorDatasetInput,
  dataset: Dataset,
  run: RunRecord,
): Promise<void> {
  try {
    const late = await scorePredictions({ config, dataset });
    run.late = late === null ? null : run.noted(late);
  } catch (error) {
    if (!isDamagedModel(error)) throw error;
    run.note(`What was predicted for the file cannot be scored: ${failureOf(error).message}.`);
  }
}

/** Looks at a dataset by the models that the pipeline has, decides, and does what was decided. */
async function judge(input: MonitorDatasetInput, dataset: Dataset, run: RunRecord): Promise<void> {
  const { config, file, champion, previous, sequence, falseAlarmRate } = input;
  if (champion !== null) {
    run.enter('examine');
    const level = falseAlarmRate === undefined ? {} : { falseAlarmRate };
    const { arrivedAt } = file;
    const known = { config, dataset, champion, previous };
    const summary = `${file.name} beside champion ${champion.id}`;
    const asked = { ...known, sequence, arrivedAt, ...level };
    const found = run.noted(await examine(asked, how(summary, input)));
    run.drift = found.drift;
    run.evaluation = found.evaluation;
    run.estimated = found.estimated;
    await scoreShadow(input, run, dataset);
  }

  run.enter('decide');
  const decision = withLate(decideFor(input, run, dataset), dataset, run);
  run.decided(decision);
  switch (decision.action) {
    case 'keep':
      run.end('kept', decision.reason);
      return;
    case 'withhold':
      run.end('withheld', decision.reason);
      return;
    case 'predict':
      await predictWith(requireModel(champion), dataset, decision, input, run);
      return;
    case 'promote':
      await promoteShadow(requireModel(run.shadowReport?.model ?? null), decision, input, run);
      return;
    case 'rollback':
      await rollBackTo(requireModel(previous), decision, input, run);
      return;
    case 'train':
      await trainFirst(dataset, decision, input, run);
      return;
    case 'retrain':
      await retrain(requireModel(champion), dataset, decision, input, run);
      return;
  }
}

function decideFor(input: MonitorDatasetInput, run: RunRecord, dataset: Dataset): Decision {
  const { falseAlarmRate, horizon } = input.config.detection;
  return decide(
    {
      labelled: dataset.labelled,
      hasChampion: input.champion !== null,
      predictionOnly: input.config.predictionOnly,
      drift: run.drift,
      performance: run.evaluation?.champion ?? null,
      degradation: run.evaluation?.degradation ?? null,
      estimated: run.estimated ?? null,
      previous: run.evaluation?.previous ?? null,
      shadow: shadowIsOver(run) ? (run.shadowReport?.comparison ?? null) : null,
      resting: restingFor(input, run),
      breaker: input.breaker,
      forced: input.forced,
    },
    {
      retrainOn: input.config.retrain.on,
      falseAlarmRate: input.falseAlarmRate ?? rateOfOneFile(falseAlarmRate, horizon),
    },
  );
}

const waitingReason = (stem: string): string =>
  `These are labels for '${stem}', and no file of that name without labels has come yet. They wait for it.`;

/** Labels that came by another file than the rows are said to have, with what they tell of predictions. */
function withLate(decision: Decision, dataset: Dataset, { late }: RunRecord): Decision {
  const { labelsFor, labelsFrom, labelsUnfit } = dataset;
  if (labelsFrom !== undefined || labelsUnfit !== undefined) {
    const told =
      labelsFrom === undefined
        ? `Labels waited for this file and could not be joined to it: ${labelsUnfit}.`
        : `Its labels came before it, in ${labelsFrom.fileName}.`;
    return { ...decision, reason: `${told} ${decision.reason}` };
  }
  if (labelsFor === undefined) return decision;
  const of = `These are the labels of ${labelsFor.fileName}`;
  const told =
    late === null
      ? 'for which nothing had been predicted'
      : `whose predictions by model ${late.modelId} had ${describeScore(late.evaluation.primary)}`;
  return { ...decision, reason: `${of}, ${told}. ${decision.reason}` };
}

function shadowIsOver({ shadowReport }: RunRecord): boolean {
  return shadowReport !== null && shadowReport.seen >= shadowReport.files;
}

/** A challenger in shadow is given its time, and so is a champion that was promoted a moment ago. */
function restingFor(
  { shadow, cooling = null }: MonitorDatasetInput,
  run: RunRecord,
): string | null {
  const now = run.shadow === undefined ? shadow : run.shadow;
  return restingForShadow(now) ?? cooling;
}

function how(summary: string, { file, backlog = false }: MonitorDatasetInput): HowToRead {
  return { bytes: file.bytes, backlog, summary };
}

async function predictWith(
  champion: ModelRef,
  dataset: Dataset,
  decision: Decision,
  input: MonitorDatasetInput,
  run: RunRecord,
): Promise<void> {
  run.enter('predict');
  const summary = `${dataset.fileName} by champion ${champion.id}`;
  const asked = { config: input.config, dataset, champion };
  run.predictions = await predict(asked, how(summary, input));
  run.end('predicted', decision.reason);
}

async function trainFirst(
  dataset: Dataset,
  decision: Decision,
  input: MonitorDatasetInput,
  run: RunRecord,
): Promise<void> {
  run.enter('train');
  const { config } = input;
  const { mode } = config.retrain;
  const { sequence } = input;
  const summary = `first champion, ${config.estimator.kind}, on ${dataset.fileName}`;
  const asked = { config, dataset, parent: null, mode, refusal: null, sequence };
  const model = run.noted(await train.executeWithOptions({ summary }, [asked]));
  run.challenger = model;
  if (model.leftOut !== undefined) run.note(model.leftOut);
  const answer = await propose('train', model, decision.reason, input, run);
  if (answer.accepted) run.appointed('trained', model, decision.reason);
  else run.end('refused', `The model was trained but not put in force: ${answer.reason}.`);
}

/**
 * Trains in the pipeline's mode; if the gate refuses the challenger, once more in the fallback mode, unless that is how
 * it was trained: the mode asked for may have given way to it, or `auto` have chosen it.
 */
async function retrain(
  champion: ModelRef,
  dataset: Dataset,
  decision: Decision,
  input: MonitorDatasetInput,
  run: RunRecord,
): Promise<void> {
  const { config } = input;
  const { mode, fallback } = config.retrain;
  const modes = fallback === 'none' ? [mode] : [mode, fallback];
  for (const trial of modes) {
    // Of hooks the one that retrains and the one that is the fallback are different functions.
    const isAgain = trial !== 'hooks' && run.challenger?.mode === trial;
    if (isAgain && (wasBegunBy(3, input) || patched('no fallback to the same mode'))) {
      const again = `The fallback '${trial}' is how it was trained, and was not tried again.`;
      run.end('refused', `${decision.reason} ${run.comparison?.reason ?? ''} ${again}`);
      return;
    }
    run.enter('train');
    const refusal = run.comparison?.reason ?? null;
    const summary = `${trial}, ${config.estimator.kind}, on ${dataset.fileName}`;
    const { sequence } = input;
    const asked = { config, dataset, parent: champion, mode: trial, refusal, sequence };
    const challenger = run.noted(await train.executeWithOptions({ summary }, [asked]));
    run.challenger = challenger;
    run.enter('compare');
    const against = { summary: `challenger ${challenger.id} against champion ${champion.id}` };
    const compared = { config, dataset, champion, challenger, sequence };
    const comparison = run.noted(await compareModels.executeWithOptions(against, [compared]));
    run.comparison = comparison;
    if (comparison.verdict !== 'promote') {
      run.refuse(challenger, comparison.reason);
      continue;
    }
    const why = `${decision.reason} ${comparison.reason}`;
    if (config.gate.shadow !== undefined) {
      beginShadow(challenger, champion, config.gate.shadow, why, run);
      return;
    }
    const answer = await propose('promote', challenger, why, input, run);
    if (answer.accepted) run.appointed('promoted', challenger, why);
    else run.end('refused', `The challenger won but was not promoted: ${answer.reason}.`);
    return;
  }
  run.end('refused', `${decision.reason} ${run.comparison?.reason ?? ''}`.trim());
}

/** A challenger that passed on its own file has to pass once more, on the files to come. */
function beginShadow(
  model: ModelRef,
  champion: ModelRef,
  files: number,
  why: string,
  run: RunRecord,
): void {
  const since = new Date().toISOString();
  run.shadow = { model, championId: champion.id, since, why, files, seen: [], comparison: null };
  const next = files === 1 ? 'the next labelled file' : `the next ${files} labelled files`;
  run.end('shadowed', `${why} It runs beside the champion on ${next}.`);
}

async function promoteShadow(
  challenger: ModelRef,
  decision: Decision,
  input: MonitorDatasetInput,
  run: RunRecord,
): Promise<void> {
  const answer = await propose('promote', challenger, decision.reason, input, run, {
    fromShadow: true,
  });
  if (answer.accepted) {
    run.shadow = null;
    run.appointed('promoted', challenger, decision.reason);
    return;
  }
  run.endShadow(answer.reason);
  run.end('refused', `The challenger won but was not promoted: ${answer.reason}.`);
}

async function rollBackTo(
  previous: ModelRef,
  decision: Decision,
  input: MonitorDatasetInput,
  run: RunRecord,
): Promise<void> {
  const answer = await propose('rollback', previous, decision.reason, input, run);
  if (answer.accepted) run.appointed('rolled back', previous, decision.reason);
  else run.end('refused', `The previous model was not put back: ${answer.reason}.`);
}

async function publishReport(run: RunRecord): Promise<void> {
  run.enter('publish');
  run.published(await recording.publish(run.finalReport()));
}

/** A notification that cannot be delivered is the messenger's trouble, not the file's: it is logged there. */
async function notifyOthers(input: MonitorDatasetInput, run: RunRecord): Promise<void> {
  try {
    await notify({ config: input.config, report: run.finalReport() });
  } catch (error) {
    // The run has its outcome, whoever cancels it.
    if (isCancellation(error)) run.notificationFailed('it was cancelled');
    else run.notificationFailed(failureOf(error).message);
  }
}

function requireModel(model: ModelRef | null): ModelRef {
  if (model === null) throw new Error('decided to use a model that is not there');
  return model;
}
