import { quantile } from 'simple-statistics';
import { createRandom, createRedraw } from '../../random.ts';
import { resampleCountsInto } from './binomial.ts';
import { blockSums, weightedSums } from './block-sums.ts';
import type { BlockSums } from './block-sums.ts';
import {
  countByClassInto,
  emptyCounts,
  isCountMetric,
  isShareRight,
  metricOfCounts,
} from './count-metrics.ts';
import type { CountMetric } from './count-metrics.ts';
import type { MetricName } from './evaluation.ts';
import {
  classRankings,
  emptyTally,
  isRankMetric,
  meanArea,
  rankTerms,
  tallyInto,
} from './rank-metrics.ts';
import type { ClassRanking, RankMetric } from './rank-metrics.ts';
import type { Scored } from './scored.ts';
import { rowTerms, sumMetric } from './sum-metrics.ts';

/** Resamples drawn for an interval, if no more are asked for. */
const REPLICATES = 2000;

/** The most that may be asked for. */
const MOST_REPLICATES = 200_000;

/** Fewer resamples than this do not show a tail of 2.5 %. */
const MIN_REPLICATES = 400;

/** Work spent on the intervals of one sort, in cells or blocks drawn: bounds the time whatever the number of rows. */
const MAX_DRAWS = 8_000_000;

/** Beyond this many rows, blocks of rows are resampled instead of rows. */
const MAX_BLOCKS = 1000;

/** Of each metric, and in it of each model, its values on resamples; without resamples where it is undefined. */
export type Replicates = ReadonlyMap<MetricName, readonly Float64Array[]>;

/**
 * Metrics of several models on resamples of the same rows, drawn jointly: element r of each array of a metric is of
 * one resample.
 *
 * Metrics of counts resample the cells (true class, prediction of each model) by a multinomial draw, which is
 * the bootstrap of rows exactly, at a cost that does not grow with the rows. Metrics of sums resample rows while
 * these are at most 1000, and otherwise 1000 random blocks of rows of equal size: the interval is as wide
 * (but for a factor √(999/1000)), the cost bounded. Areas under curves resample rows while these are at most
 * 1000, and beyond that the blocks of their linearisation (`rankTerms`), whose variance is DeLong's for rocAuc.
 * Each draw, of cells or of rows, serves all metrics of its sort. Resamples on which a metric is undefined are left
 * out for that metric.
 *
 * @param models at least one, all on the same rows and outcomes
 * @param atLeast resamples, up to 200,000, whatever work they are
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13
 */
export function bootstrapMetrics(
  metrics: readonly MetricName[],
  models: readonly Scored[],
  seed: number,
  atLeast = 0,
): Replicates {
  const least = Math.min(MOST_REPLICATES, Math.max(MIN_REPLICATES, atLeast));
  const most = Math.max(REPLICATES, least);
  const found = new Map<MetricName, Kept>();
  for (const metric of metrics) {
    found.set(metric, { values: models.map(() => new Float64Array(most)), count: 0 });
  }
  for (const { units, parts } of samplersOf(metrics, models, seed)) {
    const affordable = Math.floor(MAX_DRAWS / units.count);
    const replicates = Math.min(most, Math.max(least, affordable));
    for (let r = 0; r < replicates; r++) {
      units.draw();
      for (const { metric, value } of parts) {
        const kept = found.get(metric);
        if (kept !== undefined) keepDrawn(value, kept);
      }
    }
  }
  return new Map(
    [...found].map(([metric, { values, count }]) => [
      metric,
      values.map((own) => own.slice(0, count)),
    ]),
  );
}

/** Values of a metric so far: of each model the first `count`. */
interface Kept {
  readonly values: readonly Float64Array[];
  count: number;
}

/** Keeps the metric of the draw that was made last, if it is defined for all models. */
function keepDrawn(value: Part['value'], kept: Kept): void {
  for (let m = 0; m < kept.values.length; m++) {
    const own = value(m);
    if (own === undefined) return;
    kept.values[m][kept.count] = own;
  }
  kept.count++;
}

/** One metric of several models on resamples, as `bootstrapMetrics`. */
export function bootstrapMetric(
  metric: MetricName,
  models: readonly Scored[],
  seed: number,
  atLeast = 0,
): readonly Float64Array[] {
  return bootstrapMetrics([metric], models, seed, atLeast).get(metric) ?? [];
}

/**
 * Percentile interval of resampled values (type-7 quantiles).
 * @param confidence in (0, 1)
 */
export function percentileInterval(
  values: Float64Array,
  confidence: number,
): { readonly low: number; readonly high: number } {
  // By selection: to sort all of them takes as long as drawing them.
  const [low, high] = quantile(Array.from(values), [(1 - confidence) / 2, (1 + confidence) / 2]);
  return { low, high };
}

/** What is drawn, and the metrics that are computed from a draw. */
interface Sampler {
  readonly units: {
    /** cells, rows or blocks drawn a resample, and how often they are gone through */
    readonly count: number;
    readonly draw: () => void;
  };
  readonly parts: readonly Part[];
}

/** A metric of the draw that was made last. */
interface Part {
  readonly metric: MetricName;
  /** of a model, by its index */
  readonly value: (model: number) => number | undefined;
}

function samplersOf(
  metrics: readonly MetricName[],
  models: readonly Scored[],
  seed: number,
): readonly Sampler[] {
  const ofCounts = metrics.filter(isCountMetric);
  const ofRows = metrics.filter((metric) => !isCountMetric(metric));
  return [
    ...(ofCounts.length === 0 ? [] : countSampler(ofCounts, models, seed)),
    ...(ofRows.length === 0 ? [] : [rowSampler(ofRows, models, seed)]),
  ];
}

function countSampler(
  metrics: readonly CountMetric[],
  models: readonly Scored[],
  seed: number,
): Sampler[] {
  const cells = jointCells(metrics.every(isShareRight), models);
  if (cells === undefined) return [];
  const { classes, truth, predicted, counts } = cells;
  const drawn = new Float64Array(counts.length);
  const random = createRandom(seed);
  // Counted once a draw, for all metrics.
  const tables = models.map(() => emptyCounts(classes));
  const parts = metrics.map((metric) => ({
    metric,
    value: (m: number) => metricOfCounts(metric, tables[m]),
  }));
  const draw = (): void => {
    resampleCountsInto(counts, random, drawn);
    tables.forEach((table, m) => {
      countByClassInto(table, truth, predicted[m], drawn);
    });
  };
  return [{ units: { count: counts.length, draw }, parts }];
}

interface JointCells {
  readonly classes: number;
  readonly truth: Int32Array;
  /** a model */
  readonly predicted: readonly Int32Array[];
  readonly counts: Float64Array;
}

/** The combinations of true class and predictions that occur, or of right and wrong where no more matters. */
function jointCells(onlyRight: boolean, models: readonly Scored[]): JointCells | undefined {
  const columns: Int32Array[] = [];
  let classes = 2;
  for (const model of models) {
    if (model.kind !== 'classification') return undefined;
    const { truth, labels } = model;
    if (onlyRight) {
      if (columns.length === 0) columns.push(new Int32Array(model.rows).fill(1));
      columns.push(labels.map((label, i) => (label === truth[i] ? 1 : 0)));
    } else {
      classes = model.classes;
      if (columns.length === 0) columns.push(truth);
      columns.push(labels);
    }
  }
  const { firstRows, counts } = groupRows(columns, classes + 1);
  const [truth, ...predicted] = columns.map((own) => Int32Array.from(firstRows, (row) => own[row]));
  return { classes, truth, predicted, counts };
}

/** Groups rows that agree in all columns, whose values are −1 to `base` − 2. */
function groupRows(
  columns: readonly Int32Array[],
  base: number,
): { readonly firstRows: readonly number[]; readonly counts: Float64Array } {
  const groups = new Map<number, number>();
  const firstRows: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < columns[0].length; i++) {
    let key = 0;
    for (const column of columns) key = key * base + column[i] + 1;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, counts.length);
      firstRows.push(i);
      counts.push(1);
    } else counts[group]++;
  }
  return { firstRows, counts: Float64Array.from(counts) };
}

/** Rows, or beyond 1000 of them blocks of rows, drawn with replacement. */
function rowSampler(
  metrics: readonly Exclude<MetricName, CountMetric>[],
  models: readonly Scored[],
  seed: number,
): Sampler {
  const { rows } = models[0];
  const blocks = Math.min(rows, MAX_BLOCKS);
  const drawn: Draw = { times: new Int32Array(blocks), rows };
  const redraw = createRedraw(seed);
  const blockOf = blocksOfRows(rows);
  const sizes = new Float64Array(blocks);
  for (let i = 0; i < rows; i++) sizes[blockOf[i]]++;
  const isRanked = metrics.some(isRankMetric);
  const rankings = isRanked ? models.map(classRankings) : [];
  const exact = rows <= MAX_BLOCKS;
  // Counted once a draw, for both areas.
  const tallies = exact ? rankings.map((own) => own.map(emptyTally)) : [];
  const parts = metrics.map((metric): Part => {
    if (isRankMetric(metric)) {
      return exact
        ? { metric, value: (m) => meanArea(metric, tallies[m]) }
        : linearisedPart(metric, rankings, blockOf, drawn);
    }
    const sums = models.map((model) => blockSums(rowTerms(metric, model), blocks, blockOf));
    return partOfSums(metric, sums, drawn, (own, n) => sumMetric(metric, own, n));
  });
  const draw = (): void => {
    redraw(drawn.times);
    if (!exact) drawn.rows = rowsDrawn(drawn.times, sizes);
    tallies.forEach((own, m) => {
      own.forEach((counted, k) => {
        tallyInto(counted, rankings[m][k], drawn.times);
      });
    });
  };
  const passes = isRanked && exact ? Math.max(1, rankings[0].length) : 1;
  return { units: { count: blocks * passes, draw }, parts };
}

/** The draw that was made last: how often each block is in it, and its rows. */
interface Draw {
  readonly times: Int32Array;
  rows: number;
}

function linearisedPart(
  metric: RankMetric,
  rankings: readonly (readonly ClassRanking[])[],
  blockOf: Int32Array,
  drawn: Draw,
): Part {
  const sums = rankings.map((own) => {
    const data = rankTerms(metric, own, blockOf.length);
    return blockSums(
      data === undefined ? undefined : { data, cols: 1 },
      drawn.times.length,
      blockOf,
    );
  });
  return partOfSums(metric, sums, drawn, ([sum], n) => Math.min(1, Math.max(0, sum / n)));
}

/** @param ofSums of a metric, from the terms summed over a resample of n rows */
function partOfSums(
  metric: MetricName,
  sums: readonly (BlockSums | undefined)[],
  drawn: Draw,
  ofSums: (sums: Float64Array, n: number) => number | undefined,
): Part {
  return {
    metric,
    value: (m) => {
      const own = sums[m];
      return own === undefined ? undefined : ofSums(weightedSums(own, drawn.times), drawn.rows);
    },
  };
}

/** Each row its own block, or rows dealt to blocks in random order, so that no block is a stretch of the file. */
function blocksOfRows(rows: number): Int32Array {
  const blockOf = Int32Array.from({ length: rows }, (_, i) => i % MAX_BLOCKS);
  if (rows <= MAX_BLOCKS) return blockOf;
  const random = createRandom(rows);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = blockOf[i];
    blockOf[i] = blockOf[j];
    blockOf[j] = swapped;
  }
  return blockOf;
}

function rowsDrawn(times: Int32Array, sizes: Float64Array): number {
  let rows = 0;
  for (let b = 0; b < times.length; b++) rows += times[b] * sizes[b];
  return rows;
}
