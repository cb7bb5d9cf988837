import { log, setCurrentDetails } from '@temporalio/workflow';
import type { Decision } from '../core/decision.ts';
import { filePValue } from '../core/drift/file-p-value.ts';
import { isEstimated, type PerformanceEstimate } from '../core/drift/label-free/estimate.ts';
import type { Comparison } from '../core/models/metrics/evaluation.ts';
import type { ArtefactRef } from '../store/artefact-store.ts';
import type { RunFailure } from './activity-failure.ts';
import {
  PERMANENT_FAILURES,
  sequelIn,
  summaryHead,
  type Candidate,
  type Damage,
  type ChampionEvaluation,
  type Dataset,
  type DriftSummary,
  type LateEvaluation,
  type LeftByRun,
  type ModelRef,
  type MonitorDatasetInput,
  type RunOutcome,
  type RunProgress,
  type RunReport,
  type RunResult,
  type RunSummary,
  type Shadow,
  type ShadowReport,
  type Stage,
} from './contract.ts';
import { RunAttributes } from './run-attributes.ts';
import { wasBegunBy } from './run-version.ts';

/** What a run has found so far; the one thing its queries, its report and its summary are made from. */
export class RunRecord {
  dataset: Dataset | null = null;
  drift: DriftSummary | null = null;
  evaluation: ChampionEvaluation | null = null;
  /** of a file without labels; undefined: none was asked for */
  estimated: PerformanceEstimate | null | undefined;
  late: LateEvaluation | null = null;
  challenger: ModelRef | null = null;
  comparison: Comparison | null = null;
  predictions: ArtefactRef | null = null;
  /** the challenger in shadow on this file */
  shadowReport: ShadowReport | null = null;
  /** what becomes of the one in shadow; undefined: nothing changes */
  shadow: Shadow | null | undefined;

  /** the model that is in force, as far as the run knows; null: none is */
  championId: string | null;

  readonly #input: MonitorDatasetInput;
  readonly #startedAt = now();
  readonly #stages: { stage: Stage; startedAt: string }[] = [];
  readonly #attributes: RunAttributes;
  #decision: Decision | null = null;
  #ended: { outcome: RunOutcome; reason: string; finishedAt: string } | null = null;
  #champion: ModelRef | null;
  readonly #notes: string[] = [];
  readonly #damaged: string[] = [];
  readonly #refused: Candidate[] = [];
  #failure: { type: string; message: string } | null = null;
  #isOfInfrastructure = false;
  #reportRef: ArtefactRef | null = null;

  constructor(input: MonitorDatasetInput) {
    this.#input = input;
    this.#attributes = new RunAttributes(wasBegunBy(2, input));
    this.championId = input.champion?.id ?? null;
    this.#champion = input.champion;
  }

  enter(stage: Stage): void {
    this.#stages.push({ stage, startedAt: now() });
    this.#attributes.enter(stage);
  }

  decided(decision: Decision): void {
    this.#decision = decision;
    this.#attributes.decided(decision, this.drift?.score ?? null);
    setCurrentDetails(`**${decision.action}**: ${decision.reason}`);
  }

  end(outcome: RunOutcome, reason: string): void {
    const told = [...this.#notes, reason].join(' ');
    this.#ended = { outcome, reason: told, finishedAt: now() };
    this.#attributes.ended(outcome);
    setCurrentDetails(`**${outcome}**: ${told}`);
  }

  /** Says something of the run beside how it ended, once. */
  note(what: string): void {
    if (!this.#notes.includes(what)) this.#notes.push(what);
  }

  /** What an activity found; what it told of damage in the store beside that is said of the run, and logged. */
  noted<T extends object>({ damage = [], ...found }: T & Damage): Omit<T, 'damage'> {
    for (const sentence of damage) {
      this.note(sentence);
      log.error(sentence, { pipeline: this.#input.config.name });
    }
    return found;
  }

  /** A model that the pipeline has is damaged. What was found with its help is not counted. */
  leaveOut(damagedId: string): void {
    this.#damaged.push(damagedId);
    this.drift = null;
    this.evaluation = null;
    this.estimated = undefined;
  }

  /** The pipeline put a sound model in force in the place of a damaged one. */
  fellBackTo(model: ModelRef): void {
    this.championId = model.id;
    this.#champion = model;
  }

  /** The run ended with this model in force. */
  appointed(outcome: RunOutcome, model: ModelRef, reason: string): void {
    this.championId = model.id;
    this.end(outcome, reason);
  }

  /** The file's fault is `invalid`, too little data to train on `withheld`, a file that is not there `gone`, anything else `failed`. */
  endWith({ type, message, isOfInfrastructure }: RunFailure): void {
    this.#failure = { type, message: message.slice(0, MESSAGE_LIMIT) };
    this.#isOfInfrastructure = isOfInfrastructure;
    this.end(outcomeOfFailure(type, this.championId !== null), this.#failure.message);
  }

  published(ref: ArtefactRef): void {
    this.#reportRef = ref;
    const { fileName, outcome, reason, driftScore, championId } = this.summary();
    log.info(`${fileName}: ${outcome}. ${reason}`, {
      pipeline: this.#input.config.name,
      outcome,
      driftScore,
      championId,
    });
  }

  notificationFailed(message: string): void {
    log.warn('The notification hook failed', { pipeline: this.#input.config.name, message });
  }

  progress(): RunProgress {
    return {
      file: this.#input.file,
      startedAt: this.#startedAt,
      stages: this.#stages,
      finished: this.#reportRef !== null,
      decision: this.#decision,
    };
  }

  report(): RunReport | null {
    return this.#ended === null ? null : this.finalReport();
  }

  finalReport(): RunReport {
    return {
      version: 1,
      pipeline: this.#input.config.name,
      summary: this.summary(),
      file: this.#input.file,
      dataset: this.dataset,
      champion: this.#champion,
      drift: this.drift,
      evaluation: this.evaluation,
      decision: this.#decision,
      challenger: this.challenger,
      comparison: this.comparison,
      ...(this.estimated !== undefined && { estimated: this.estimated }),
      ...(this.late !== null && { late: this.late }),
      ...(this.shadowReport !== null && { shadow: this.shadowReport }),
      predictions: this.predictions,
      failure: this.#failure,
      left: this.#left(),
    };
  }

  /** A challenger that is out of the running. */
  refuse(model: ModelRef, refusedBecause: string): void {
    this.#refused.push(refusedModel(model, refusedBecause));
  }

  /** The challenger in shadow is out of the running. */
  endShadow(reason: string): void {
    const { shadow } = this.#input;
    if (shadow !== null && shadow !== undefined) this.refuse(shadow.model, reason);
    this.shadow = null;
  }

  result(): RunResult {
    const report = this.#reportRef;
    const { candidates, ...rest } = this.#left();
    const refused = candidates.map((each) => (report === null ? each : { ...each, report }));
    return {
      run: this.summary(),
      candidate: refused.at(-1) ?? null,
      ...(refused.length > 1 && { otherCandidates: refused.slice(0, -1) }),
      ...rest,
    };
  }

  #left(): LeftByRun {
    const { estimated, challenger } = this;
    // A challenger whose run went wrong after its training is a candidate as well.
    const known = [...this.#refused, this.shadow?.model].map((each) => each?.id);
    const isOver =
      challenger !== null && challenger.id !== this.championId && !known.includes(challenger.id);
    const over = isOver ? [refusedModel(challenger, this.#ended?.reason ?? '')] : [];
    const { dataset, late } = this;
    const sequel = sequelIn({ summary: this.summary(), dataset, ...(late !== null && { late }) });
    return {
      candidates: [...this.#refused, ...over],
      ...(this.shadow !== undefined && { shadow: this.shadow }),
      ...(sequel !== null && { sequel }),
      ...(this.#damaged.length > 0 && { damaged: this.#damaged }),
      ...(this.#isOfInfrastructure && { infrastructureFailed: true }),
      filePValue: filePValue(
        this.drift?.filePValue,
        this.evaluation?.champion.pValue ?? (isEstimated(estimated) ? estimated.pValue : undefined),
      ),
    };
  }

  summary(): RunSummary {
    if (this.#ended === null) throw new Error('a run has no summary before its outcome');
    const { config, file, revision, sequence } = this.#input;
    return {
      ...summaryHead(config.name, file, revision, sequence),
      finishedAt: this.#ended.finishedAt,
      outcome: this.#ended.outcome,
      action: this.#decision?.action ?? null,
      reason: this.#ended.reason,
      rows: this.dataset?.rows ?? null,
      driftScore: this.drift?.score ?? null,
      metric: this.evaluation?.champion.current.primary ?? null,
      championId: this.championId,
      report: this.#reportRef,
    };
  }
}

function outcomeOfFailure(type: string, hasChampion: boolean): RunOutcome {
  if (type === 'DatasetGone') return 'gone';
  if (type === 'NotEnoughData' && hasChampion) return 'withheld';
  const permanent: readonly string[] = PERMANENT_FAILURES;
  return permanent.includes(type) && type !== 'HookFailed' ? 'invalid' : 'failed';
}

/** Candidates are carried along, twenty of them. */
const REASON_LIMIT = 300;

const refusedModel = (model: ModelRef, reason: string): Candidate => ({
  ...model,
  refusedBecause: reason.slice(0, REASON_LIMIT),
});

/** Long enough for any message of ours, short enough for a page and a payload. */
const MESSAGE_LIMIT = 2000;

const now = (): string => new Date().toISOString();
