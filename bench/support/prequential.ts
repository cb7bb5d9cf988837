import {
  breakerAfterFailure,
  breakerAfterSuccess,
  breakerAt,
  CLOSED_BREAKER,
  type BreakerState,
} from '../../core/breaker.ts';
import { decide, type Action } from '../../core/decision.ts';
import type { Evidence } from '../../core/evidence.ts';
import { detectDrift } from '../../core/drift/detect.ts';
import { rateOfOneFile } from '../../core/drift/false-alarms.ts';
import { durationMs } from '../../core/duration.ts';
import { learnSchema } from '../../core/models/input/encoder.ts';
import { comparePerformance } from '../../core/models/metrics/evaluate.ts';
import {
  DEFAULT_METRIC,
  type Comparison,
  type Evaluation,
  type Performance,
} from '../../core/models/metrics/evaluation.ts';
import { fitModel, type EstimatorParams } from '../../core/models/fit.ts';
import { growBaseline, joinsBaseline } from '../../core/models/metrics/grown-baseline.ts';
import type { Model, Task } from '../../core/models/model.ts';
import { labelledRows } from '../../core/models/metrics/outcomes.ts';
import { chooseMode, type Tried } from '../../core/models/retrain/choose-mode.ts';
import { assembleData, type DataSources } from '../../core/models/retrain/data.ts';
import { dataNeedOf, type RetrainMode } from '../../core/models/retrain/modes.ts';
import {
  addToReservoir,
  emptyReservoir,
  type Reservoir,
} from '../../core/models/retrain/reservoir.ts';
import { joinTables } from '../../core/models/retrain/join-tables.ts';
import { retrain } from '../../core/models/retrain/retrain.ts';
import { planTrials, type Trial } from '../../core/models/retrain/trials.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { dataOptionsOf } from '../../pipelines/retrain-schema.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import { scoringOf, type Scoring } from './stream-scoring.ts';

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
  /** on the rows held out of its training, and on the files that joined them */
  readonly heldOut: Evaluation;
  readonly joined: readonly Evaluation[];
  /** the files that it and the models before it were trained on, by their places in the stream */
  readonly knows: ReadonlySet<number>;
  readonly reference: Table;
  readonly reservoir: Reservoir;
}

/** A challenger that passed on its own file, and the files that it and the champion met since. */
interface Shadow {
  readonly challenger: Champion;
  readonly seen: readonly number[];
}

/**
 * A pipeline over a stream of files, in this process and without Temporal: each file is examined, decided on, trained
 * on and compared on as the pipeline does it, by the same functions of `core`, before the next one is looked at. What
 * spans files besides baseline, breaker and shadow (a cool-down, levels over a horizon) is left out, and so are segments.
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
  const promotions = results.slice(1).filter(({ promoted }) => promoted).length;
  return {
    files: results,
    accuracy: rows === 0 ? 0 : right / rows,
    retrains: trained.length,
    promotions,
    refusals: trained.length - promotions,
    rollbacks: results.filter(({ action }) => action === 'rollback').length,
  };
}

/** The state that a pipeline carries from file to file. */
class Stream {
  #champion: Champion | null = null;
  #previous: Champion | null = null;
  #shadow: Shadow | null = null;
  #breaker: BreakerState = CLOSED_BREAKER;
  readonly #files: readonly Table[];
  readonly #config: PipelineConfig;
  readonly #task: Task;
  readonly #params: EstimatorParams;
  readonly #scoring: Scoring;

  constructor(files: readonly Table[], config: PipelineConfig, task: Task) {
    if (config.estimator.kind === 'hooks') throw new Error('a stream without hooks is simulated');
    this.#files = files;
    this.#config = config;
    this.#task = task;
    this.#params = config.estimator;
    this.#scoring = scoringOf(config, task);
  }

  /** Test, then train. */
  meet(at: number, nowMs: number): FileResult {
    const table = this.#file(at);
    const champion = this.#champion;
    if (champion === null) {
      this.#champion = this.#first(at, table);
      return { action: 'train', mode: 'full', promoted: true, rows: 0, right: 0 };
    }
    const current = this.#scoring.evaluate(champion.model, table);
    const right = rightIn(current);
    const baseline = growBaseline(champion.heldOut, champion.joined);
    const { thresholds, detection } = this.#config;
    const { evaluation } = baseline;
    const performance = comparePerformance(current, evaluation, thresholds, detection.errors);
    this.#breaker = breakerAt(this.#breaker, nowMs);
    const shadow = this.#scoreShadow(champion, at);
    if (shadow !== null && shadow.verdict !== 'promote') this.#refused(nowMs);
    const { action } = this.#decide(champion, table, performance, shadow);
    if (joinsBaseline(performance, baseline)) {
      this.#champion = { ...champion, joined: [...champion.joined, current] };
    }
    const result = { action, mode: null, promoted: false, rows: current.rows, right };
    if (action === 'rollback') this.#appoint(this.#previous ?? champion);
    if (action === 'promote' && this.#shadow !== null) {
      this.#breaker = breakerAfterSuccess();
      this.#appoint(this.#shadow.challenger);
      return { ...result, promoted: true };
    }
    if (action !== 'retrain') return result;
    const { mode, fallback } = this.#config.retrain;
    let tried: RetrainMode | null = null;
    for (const asked of fallback === 'none' ? [mode] : [mode, fallback]) {
      if (asked === 'hooks') throw new Error('a stream without hooks is simulated');
      const chosen = asked === 'auto' ? this.#choose(champion, at) : asked;
      tried ??= chosen;
      const challenger = this.#challenge(champion, at, chosen);
      if (challenger === null) continue;
      if (this.#config.gate.shadow !== undefined) {
        this.#shadow = { challenger, seen: [] };
        return { ...result, mode: chosen };
      }
      this.#breaker = breakerAfterSuccess();
      this.#appoint(challenger);
      return { ...result, mode: chosen, promoted: true };
    }
    this.#refused(nowMs);
    return { ...result, mode: tried };
  }

  #refused(nowMs: number): void {
    const { maxFailures, coolDown, maxCoolDown } = this.#config.breaker;
    const policy = {
      maxFailures,
      coolDownMs: durationMs(coolDown),
      maxCoolDownMs: durationMs(maxCoolDown),
    };
    this.#breaker = breakerAfterFailure(this.#breaker, policy, nowMs, 'the challenger was refused');
  }

  /** The challenger in shadow against the champion on all files that both met; null until that is decided. */
  #scoreShadow({ model }: Champion, at: number): Comparison | null {
    if (this.#shadow === null) return null;
    const { challenger } = this.#shadow;
    const seen = [...this.#shadow.seen, at];
    this.#shadow = { challenger, seen };
    if (seen.length < (this.#config.gate.shadow ?? 0)) return null;
    const { target } = this.#config;
    const table = joinTables(seen.map((file) => this.#file(file)));
    const labelled = takeRows(table, labelledRows(table, target));
    const comparison = this.#scoring.compare(model, challenger.model, labelled);
    if (comparison.verdict !== 'promote') this.#shadow = null;
    return comparison;
  }

  #appoint(next: Champion): void {
    this.#shadow = null;
    this.#previous = this.#champion;
    this.#champion = next;
  }

  #decide(
    champion: Champion,
    table: Table,
    performance: Performance,
    shadow: Comparison | null,
  ): ReturnType<typeof decide> {
    const { detection, predictionOnly, retrain: policy } = this.#config;
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
        performance,
        previous:
          this.#previous === null
            ? null
            : this.#scoring.compare(champion.model, this.#previous.model, table, { margin: 0 }),
        shadow,
        resting: this.#shadow === null ? null : 'a challenger runs beside the champion',
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
    const { train, holdout } = this.#scoring.split(table);
    const schema = learnSchema(table, train, this.#scoring.schema());
    const model = fitModel(table, train, schema, this.#params, this.#config.seed);
    const { reservoir, seed } = { ...this.#config.retrain, seed: this.#config.seed };
    return {
      model,
      heldOut: this.#scoring.evaluate(model, takeRows(table, holdout)),
      joined: [],
      knows: new Set([at]),
      reference: table,
      reservoir: addToReservoir(emptyReservoir(reservoir, seed), table, train),
    };
  }

  /** A challenger that passed the gate; null where there is none, or it was refused. */
  #challenge(champion: Champion, at: number, mode: RetrainMode): Champion | null {
    const table = this.#file(at);
    const { train, holdout } = this.#scoring.split(table);
    const sources = { newFile: { table, train }, earlier: this.#files.slice(0, at) };
    const asked = this.#retrain(champion, mode, sources, champion.knows.has(at));
    const result =
      asked.kind === 'fallback' ? this.#retrain(champion, asked.mode, sources, false) : asked;
    if (result.kind === 'fallback') return null;
    const kept = takeRows(table, holdout);
    const before = isNewTo(champion, mode, this.#config, at - 1) ? this.#file(at - 1) : null;
    const rows = { heldOut: kept, file: table, before };
    const comparison = this.#scoring.compareInTwoLooks(champion.model, result.model, rows);
    if (comparison.verdict !== 'promote') return null;
    return {
      model: result.model,
      heldOut: this.#scoring.evaluate(result.model, kept),
      joined: [],
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
        { table, train: this.#scoring.split(table).train },
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
      schema: this.#scoring.schema(),
      seed,
    });
  }

  #file(at: number): Table {
    const table = this.#files[at];
    if (table === undefined) throw new RangeError(`file ${at + 1} of ${this.#files.length}`);
    return table;
  }
}

/** Would neither the champion nor a challenger of this mode have been trained on rows of the file? */
function isNewTo(
  { knows }: Champion,
  mode: RetrainMode,
  { retrain: { files } }: PipelineConfig,
  file: number,
): boolean {
  const learnsFromEarlier = mode === 'window' || (mode === 'full' && files > 1);
  return file >= 0 && !knows.has(file) && !learnsFromEarlier;
}

function rightIn({ rows, metrics }: Evaluation): number {
  return metrics.accuracy === undefined ? 0 : Math.round(rows * metrics.accuracy);
}
