import type { Comparison } from '../../core/models/metrics/evaluation.ts';
import { concat, concatOutcomes, concatPredictions } from '../../core/models/concat.ts';
import { compareModels as gate, type GateInput } from '../../core/models/gate/gate.ts';
import type { Model, Task } from '../../core/models/model.ts';
import { twoLooks, worldTurned } from '../../core/models/gate/two-looks.ts';
import { jointTarget, labelledRows } from '../../core/models/metrics/outcomes.ts';
import { scored, type Scored } from '../../core/models/metrics/scored.ts';
import { takeRows, type Table } from '../../core/table.ts';
import { minimumGainsOf } from '../../pipelines/gate-schema.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { ComputeTasks, Dataset, ShadowFile } from '../../workflows/contract.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import { NotEnoughDataError, type Environment } from '../environment.ts';
import { fileBefore } from './file-before.ts';
import { splitRows } from './holdout.ts';
import { loadTable } from '../datasets/ingest.ts';
import { cardOf, knowsRowsOf, requireUnseen } from './lineage.ts';
import { openModel, predictions } from './models.ts';
import { primaryMetric, scoreOn, truthOf } from './scoring.ts';
import { segmentsOf } from '../datasets/segments.ts';

/**
 * Puts champion and challenger to the test on the rows of the file that neither was trained on. Where the pipeline
 * has a fallback mode, two challengers may be tried on the same rows: each is given half of the chance of an error
 * (Bonferroni), so that both together are no likelier to be promoted by luck than one.
 *
 * A gain that is not beyond doubt has to hold on these rows together with those of the file before, unless the champion
 * fares so much worse than there that the file before is of another world: see `twoLooks` and `worldTurned`.
 * @throws NotEnoughDataError if there are none
 */
export async function compareModels(
  { config, dataset, champion, challenger, sequence }: Parameters<ComputeTasks['compareModels']>[0],
  environment: Environment,
): Promise<Comparison> {
  const { store } = environment;
  const [championCard, challengerCard] = await Promise.all([
    cardOf(champion, store),
    cardOf(challenger, store),
  ]);
  const cards = [championCard, challengerCard];
  requireUnseen(dataset, cards, config);
  const table = await loadTable(dataset.ref, environment);
  const { holdout } = splitRows(table, config, challenger.task);
  const [before, after] = await Promise.all([
    openModel(champion, config, store),
    openModel(challenger, config, store),
  ]);
  const asked = oneOfTwo(config);
  const { margin, confidence } = asked.gate;
  const own = rowsOfBoth(takeRows(table, holdout), before, after, asked);
  const earlier =
    sequence === undefined
      ? null
      : await fileBefore({ config, dataset, cards, sequence }, environment);
  const isOneLook = earlier === null || turned(table, earlier);
  if (isOneLook) return gateOn(own, asked, challenger.task, margin);
  const looks = twoLooks(confidence);
  const first = gateOn(own, withConfidence(asked, looks.ownFile), challenger.task, margin);
  if (first.verdict === 'promote') return first;
  const both = concatRows([own, rowsOfBoth(earlier, before, after, asked)]);
  return gateOn(both, withConfidence(asked, looks.both), challenger.task, margin);

  function turned(current: Table, previous: Table): boolean {
    const rows = unseenRows(current, dataset, [championCard], config);
    if (rows === null) return false;
    return worldTurned(ofChampion(takeRows(current, rows)), ofChampion(previous));
  }

  function ofChampion(rows: Table): Scored {
    const { predictions: said, outcomes } = scoreOn(before, rows);
    return scored(said, outcomes);
  }
}

function oneOfTwo(config: PipelineConfig): PipelineConfig {
  if (config.retrain.fallback === 'none') return config;
  return withConfidence(config, (1 + config.gate.confidence) / 2);
}

const withConfidence = (config: PipelineConfig, confidence: number): PipelineConfig => ({
  ...config,
  gate: { ...config.gate, confidence },
});

/**
 * Puts a challenger to the test on all labelled rows of several files together. Those whose data are damaged are left out.
 * @throws NotEnoughDataError if either knows one of the files
 */
export async function compareOnFiles(
  { config, datasets, champion, challenger }: Parameters<ComputeTasks['compareOnFiles']>[0],
  environment: Environment,
): Promise<Comparison> {
  const { store } = environment;
  const cards = await Promise.all([champion, challenger].map((model) => cardOf(model, store)));
  for (const dataset of datasets) requireUnseenWholly(dataset, cards);
  const [before, after] = await Promise.all([
    openModel(champion, config, store),
    openModel(challenger, config, store),
  ]);
  const rows: RowsOfBoth[] = [];
  for (const [i, dataset] of datasets.entries()) {
    const { ref, fileName } = dataset;
    const done = `Champion and challenger were compared without the data of ${fileName}. ${FROM_BACKUP}`;
    const load = (): Promise<Table> => loadTable(ref, environment);
    // The last one is the file of the run itself.
    const isOwn = i === datasets.length - 1;
    const table = isOwn
      ? await load()
      : await unlessDamaged(environment, { uri: ref.uri, done }, load);
    if (table === null) continue;
    const labelled = takeRows(table, labelledRows(table, config.target));
    rows.push(rowsOfBoth(labelled, before, after, config));
  }
  return gateOn(concatRows(rows), config, challenger.task, config.gate.margin);
}

/**
 * Puts a challenger to the test against a champion on rows that neither was trained on.
 * @param margin by how much the challenger may be worse; 0: it must be better
 */
export function compareOn(
  table: Table,
  champion: Model,
  challenger: Model,
  config: PipelineConfig,
  margin: number,
): Comparison {
  const rows = rowsOfBoth(table, champion, challenger, config);
  return gateOn(rows, config, challenger.schema.task, margin);
}

/**
 * The labelled rows of a file that none of some models was trained on: all of a file that is new to them, of one that is
 * run again those held out; null where a model knows these too.
 */
export function unseenRows(
  table: Table,
  dataset: Dataset,
  cards: readonly ModelCard[],
  config: PipelineConfig,
): Int32Array | null {
  const known = cards.filter((card) => knowsRowsOf(card, dataset));
  const [card] = known;
  if (card === undefined) return labelledRows(table, config.target);
  try {
    requireUnseen(dataset, known, config);
    return splitRows(table, config, card.task).holdout;
  } catch (error) {
    if (error instanceof NotEnoughDataError) return null;
    throw error;
  }
}

/** What the gate is told of some rows. */
type RowsOfBoth = Required<Pick<GateInput, 'champion' | 'challenger' | 'outcomes' | 'segments'>>;

function rowsOfBoth(
  table: Table,
  champion: Model,
  challenger: Model,
  config: PipelineConfig,
): RowsOfBoth {
  return {
    champion: predictions(champion, table),
    challenger: predictions(challenger, table),
    outcomes: truthOf(table, jointTarget(champion.schema, challenger.schema)),
    segments: segmentsOf(table, config),
  };
}

function gateOn(rows: RowsOfBoth, config: PipelineConfig, task: Task, margin: number): Comparison {
  const { confidence, harmTolerance } = config.gate;
  return gate({
    ...rows,
    metric: primaryMetric(config, { task }),
    margin,
    confidence,
    thresholds: config.thresholds,
    minimumGains: minimumGainsOf(config.gate),
    ...(harmTolerance !== undefined && { harmTolerance }),
    seed: config.seed,
  });
}

function concatRows(parts: readonly RowsOfBoth[]): RowsOfBoth {
  const [first] = parts;
  if (first === undefined) throw new Error('a comparison needs a file at least');
  return {
    champion: concatPredictions(parts.map(({ champion }) => champion)),
    challenger: concatPredictions(parts.map(({ challenger }) => challenger)),
    outcomes: concatOutcomes(parts.map(({ outcomes }) => outcomes)),
    segments: first.segments.map(({ name }, s) => ({
      name,
      mask: concat(
        parts.flatMap(({ segments }) => segments[s]?.mask ?? []),
        Uint8Array,
      ),
    })),
  };
}

function requireUnseenWholly(dataset: ShadowFile, cards: readonly ModelCard[]): void {
  for (const card of cards) {
    if (!knowsRowsOf(card, dataset)) continue;
    throw new NotEnoughDataError(
      `model ${card.id} was trained on rows of ${dataset.fileName}: models are compared on files that both are new to`,
    );
  }
}
