import {
  breakerAfterFailure,
  breakerAfterSuccess,
  breakerAt,
  CLOSED_BREAKER,
  type BreakerState,
} from '../../core/breaker.ts';
import { decide, type Action, type Evidence } from '../../core/decision.ts';
import { detectDrift } from '../../core/drift/detect.ts';
import { rateOfOneFile } from '../../core/drift/false-alarms.ts';
import { durationMs } from '../../core/duration.ts';
import { learnSchema } from '../../core/models/encoder.ts';
import { comparePerformance, evaluate } from '../../core/models/evaluate.ts';
import { DEFAULT_METRIC, type Comparison, type Evaluation } from '../../core/models/evaluation.ts';
import { fitModel, type EstimatorParams } from '../../core/models/fit.ts';
import { compareModels } from '../../core/models/gate.ts';
import type { Model, Task } from '../../core/models/model.ts';
import { jointTarget, labelledRows, outcomesOf } from '../../core/models/outcomes.ts';
import { chooseMode, type Tried } from '../../core/models/retrain/choose-mode.ts';
import { assembleData, type DataSources } from '../../core/models/retrain/data.ts';
import { dataNeedOf, type RetrainMode } from '../../core/models/retrain/modes.ts';
import {
  addToReservoir,
  emptyReservoir,
  type Reservoir,
} from '../../core/models/retrain/reservoir.ts';
import { retrain } from '../../core/models/retrain/retrain.ts';
import { planTrials, type Trial } from '../../core/models/retrain/trials.ts';
import { splitHoldout } from '../../core/models/split.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { minimumGainsOf } from '../../pipelines/gate-schema.ts';
import { dataOptionsOf } from '../../pipelines/retrain-schema.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';

/** What became of one file. */
export interface FileResult {
  readonly action: Action;
  /** in which the challenger was trained, or the first one where it was refused; null where none was */
  readonly mode: RetrainMode | null;
  readonly promoted: boolean;
  /** labelled rows that the champion was scored on before anything was trained on them; 0 where there was none */
  readonly rows: number;
  /** those that it got right; in regression 0 */
  readonly right: number;
}

/** Totals of a stream. */
export interface PrequentialResult {
  readonly files: readonly FileResult[];
  /** share of rows got right by the champion of the time, before it or any other model saw them */
  readonly accuracy: number;
  /** challengers trained after the first model */
  readonly retrains: number;
  readonly promotions: number;
  readonly refusals: number;
  readonly rollbacks: number;
}

interface Champion {
  readonly model: Model;
  readonly baseline: Evaluation;
  /** the files that it and the models before it were trained on, by their places in the stream */
  readonly knows: ReadonlySet<number>;
  readonly reference: Table;
  readonly reservoir: Reservoir;
}

/**
 * A pipeline over a stream of files, in this process and without Temporal: each file is examined, decided on, trained
 * on and compared on as the pipeline does it, by the same functions of `core`, before the next one is looked at. What
 * spans files besides the breaker (shadow mode, a cool-down, levels over a horizon) is left out, and so are segments.
 *
 * @param files in their order, `intervalMs` apart for the breaker's cool-down
 * @param config of the pipeline; its estimator is not one of hooks
 */
export function runPrequential(
  files: readonly Table[],
  config: PipelineConfig,
  { task, intervalMs }: { readonly task: Task; readonly intervalMs: number },
): PrequentialResult {
  const stream = new Stream(files, config, task);
  const results = files.map((_, at) => stream.meet(at, at * intervalMs));
  const rows = results.reduce((sum, result) => sum + result.rows, 0);
  const right = results.reduce((sum, result) => sum + result.right, 0);
  const trained = results.filter(({ action }) => action === 'retrain');
  return {
    files: results,
    accuracy: rows === 0 ? 0 : right / rows,
    retrains: trained.length,
    promotions: trained.filter(({ promoted }) => promoted).length,
    refusals: trained.filter(({ promoted }) => !promoted).length,
    rollbacks: results.filter(({ action }) => action === 'rollback').length,
  };
}

/** The state that a pipeline carries from file to file. */
class Stream {
  #champion: Champion | null = null;
  #previous: Champion | null = null;
  #breaker: BreakerState = CLOSED_BREAKER;
  readonly #files: readonly Table[];
  readonly #config: PipelineConfig;
  readonly #task: Task;
  readonly #params: EstimatorParams;

  constructor(files: readonly Table[], config: PipelineConfig, task: Task) {
    if (config.estimator.kind === 'hooks') throw new Error('a stream without hooks is simulated');
    this.#files = files;
    this.#config = config;
    this.#task = task;
    this.#params = config.estimator;
  }

  /** Test, then train. */
  meet(at: number, nowMs: number): FileResult {
    const table = this.#file(at);
    const champion = this.#champion;
    if (champion === null) {
      this.#champion = this.#first(at, table);
      return { action: 'train', mode: 'full', promoted: true, rows: 0, right: 0 };
    }
    const current = this.#evaluate(champion.model, table);
    const right = rightIn(current);
    this.#breaker = breakerAt(this.#breaker, nowMs);
    const { action } = this.#decide(champion, table, current);
    const result = { action, mode: null, promoted: false, rows: current.rows, right };
    if (action === 'rollback') this.#appoint(this.#previous ?? champion);
    if (action !== 'retrain') return result;
    const { mode, fallback } = this.#config.retrain;
    let tried: RetrainMode | null = null;
    for (const asked of fallback === 'none' ? [mode] : [mode, fallback]) {
      if (asked === 'hooks') throw new Error('a stream without hooks is simulated');
      const chosen = asked === 'auto' ? this.#choose(champion, at) : asked;
      tried ??= chosen;
      const challenger = this.#challenge(champion, at, chosen);
      if (challenger === null) continue;
      this.#breaker = breakerAfterSuccess();
      this.#appoint(challenger);
      return { ...result, mode: chosen, promoted: true };
    }
    const { maxFailures, coolDown, maxCoolDown } = this.#config.breaker;
    const policy = {
      maxFailures,
      coolDownMs: durationMs(coolDown),
      maxCoolDownMs: durationMs(maxCoolDown),
    };
    this.#breaker = breakerAfterFailure(this.#breaker, policy, nowMs, 'the challenger was refused');
    return { ...result, mode: tried };
  }

  #appoint(next: Champion): void {
    this.#previous = this.#champion;
    this.#champion = next;
  }

  #decide(champion: Champion, table: Table, current: Evaluation): ReturnType<typeof decide> {
    const { detection, thresholds, predictionOnly, retrain: policy } = this.#config;
    const falseAlarmRate = rateOfOneFile(detection.falseAlarmRate, detection.horizon);
    return decide(
      {
        labelled: true,
        hasChampion: true,
        predictionOnly,
        // Under the other policies drift is told and changes nothing.
        drift:
          policy.on === 'drift' || policy.on === 'any'
            ? this.#drift(champion.reference, table, falseAlarmRate)
            : null,
        performance: comparePerformance(current, champion.baseline, thresholds),
        previous:
          this.#previous === null
            ? null
            : this.#compare(champion.model, this.#previous.model, table, 0),
        breaker: this.#breaker,
        forced: null,
      },
      { retrainOn: policy.on, falseAlarmRate },
    );
  }

  #drift(reference: Table, table: Table, falseAlarmRate: number): Evidence['drift'] {
    const { detection, target, ignore, timeColumn } = this.#config;
    const { material, columns } = detectDrift(reference, table, {
      falseAlarmRate,
      minRows: detection.minRows,
      effect: detection.effect,
      target,
      ignore,
      ...(timeColumn !== undefined && { timeColumn }),
    });
    const outcomes = columns.map(({ outcome }) => outcome.kind);
    return {
      materialCount: material.length,
      material,
      testedColumns: outcomes.filter((kind) => kind === 'tested').length,
      insufficient: outcomes.filter((kind) => kind === 'insufficient').length,
    };
  }

  #first(at: number, table: Table): Champion {
    const { train, holdout } = this.#split(table);
    const schema = learnSchema(table, train, this.#schema());
    const model = fitModel(table, train, schema, this.#params, this.#config.seed);
    const { reservoir, seed } = { ...this.#config.retrain, seed: this.#config.seed };
    return {
      model,
      baseline: this.#evaluate(model, takeRows(table, holdout)),
      knows: new Set([at]),
      reference: table,
      reservoir: addToReservoir(emptyReservoir(reservoir, seed), table, train),
    };
  }

  /** A challenger that passed the gate; null where there is none, or it was refused. */
  #challenge(champion: Champion, at: number, mode: RetrainMode): Champion | null {
    const table = this.#file(at);
    const { train, holdout } = this.#split(table);
    const sources = { newFile: { table, train }, earlier: this.#files.slice(0, at) };
    const asked = this.#retrain(champion, mode, sources, champion.knows.has(at));
    const result =
      asked.kind === 'fallback' ? this.#retrain(champion, asked.mode, sources, false) : asked;
    if (result.kind === 'fallback') return null;
    const kept = takeRows(table, holdout);
    const comparison = this.#compare(champion.model, result.model, kept, this.#config.gate.margin);
    if (comparison.verdict !== 'promote') return null;
    return {
      model: result.model,
      baseline: this.#evaluate(result.model, kept),
      knows: new Set([...champion.knows, at]),
      reference: table,
      reservoir: addToReservoir(champion.reservoir, table, train),
    };
  }

  #choose(champion: Champion, at: number): RetrainMode {
    const { modes, files } = this.#config.retrain.auto;
    const { target, timeColumn, seed, metric } = this.#config;
    const table = this.#file(at);
    const known = (file: number): boolean => champion.knows.has(file);
    const first = Math.max(0, at - files + 1);
    const past = this.#files.slice(first, at).filter((_, i) => !known(first + i));
    const trials = planTrials(
      this.#files.slice(0, first),
      [
        ...past.map((each) => ({ table: each, train: labelledRows(each, target) })),
        { table, train: this.#split(table).train },
      ],
      { target, task: this.#task, timeColumn, seed },
    );
    return chooseMode(
      trials,
      modes.map((mode) => this.#try(champion, mode, trials)),
      {
        target: { target, task: this.#task },
        metric: metric ?? DEFAULT_METRIC[this.#task],
        seed,
      },
    ).mode;
  }

  #try(champion: Champion, mode: RetrainMode, trials: readonly Trial[]): Tried {
    const said = [];
    for (const { newFile, earlier, next } of trials) {
      const result = this.#retrain(champion, mode, { newFile, earlier }, false);
      if (result.kind === 'fallback') return { kind: 'left out', mode, reason: result.reason };
      said.push(result.model.predict(next));
    }
    return { kind: 'tried', mode, said };
  }

  #retrain(
    champion: Champion,
    mode: RetrainMode,
    sources: Pick<DataSources, 'newFile' | 'earlier'>,
    championKnowsFile: boolean,
  ): ReturnType<typeof retrain> {
    const { target, timeColumn, seed, retrain: options } = this.#config;
    const data = assembleData(dataNeedOf(mode, dataOptionsOf(options)), {
      target,
      timeColumn,
      ...sources,
      reservoir: champion.reservoir.table,
      seed,
    });
    return retrain({
      mode,
      champion: champion.model,
      championKnowsFile,
      data,
      params: this.#params,
      schema: this.#schema(),
      seed,
    });
  }

  #compare(champion: Model, challenger: Model, table: Table, margin: number): Comparison {
    const { gate, thresholds, seed, metric } = this.#config;
    return compareModels({
      champion: champion.predict(table),
      challenger: challenger.predict(table),
      outcomes: outcomesOf(table, jointTarget(champion.schema, challenger.schema)),
      metric: metric ?? DEFAULT_METRIC[this.#task],
      margin,
      confidence: gate.confidence,
      thresholds,
      minimumGains: minimumGainsOf(gate),
      ...(gate.harmTolerance !== undefined && { harmTolerance: gate.harmTolerance }),
      seed,
    });
  }

  #evaluate(model: Model, table: Table): Evaluation {
    const { gate, seed, metric, target } = this.#config;
    const labelled = takeRows(table, labelledRows(table, target));
    return evaluate(
      model.predict(labelled),
      outcomesOf(labelled, model.schema),
      metric ?? DEFAULT_METRIC[this.#task],
      { confidence: gate.confidence, seed },
    );
  }

  #split(table: Table): { readonly train: Int32Array; readonly holdout: Int32Array } {
    const { target, gate, seed, timeColumn } = this.#config;
    const split = splitHoldout(table, {
      target,
      task: this.#task,
      share: gate.holdout,
      seed,
      timeColumn,
    });
    if (split.kind === 'insufficient') throw new Error(split.reason);
    return split;
  }

  #schema(): Parameters<typeof learnSchema>[2] {
    const { target, ignore, timeColumn } = this.#config;
    return { target, task: this.#task, ignore, timeColumn };
  }

  #file(at: number): Table {
    const table = this.#files[at];
    if (table === undefined) throw new RangeError(`file ${at + 1} of ${this.#files.length}`);
    return table;
  }
}

function rightIn({ rows, metrics }: Evaluation): number {
  return metrics.accuracy === undefined ? 0 : Math.round(rows * metrics.accuracy);
}
