import { quantileSorted } from 'simple-statistics';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { resampleCountsInto } from './binomial.ts';
import { countMetric, isCountMetric, isShareRight } from './count-metrics.ts';
import type { CountMetric } from './count-metrics.ts';
import type { MetricName } from './evaluation.ts';
import { classRankings, isRankMetric, rankMetric, rankTerms } from './rank-metrics.ts';
import type { RankMetric } from './rank-metrics.ts';
import type { Scored } from './scored.ts';
import { rowTerms, sumMetric, sumTerms } from './sum-metrics.ts';
import type { RowTerms } from './sum-metrics.ts';

/** Resamples drawn for an interval. */
const REPLICATES = 2000;

/** Fewer resamples than this do not show a tail of 2.5 %. */
const MIN_REPLICATES = 400;

/** Work spent on one interval, in cells or blocks drawn: bounds the time whatever the number of rows. */
const MAX_DRAWS = 8_000_000;

/** Beyond this many rows, blocks of rows are resampled instead of rows. */
const MAX_BLOCKS = 1000;

/**
 * A metric of several models on resamples of the same rows, drawn jointly: element r of each array is of resample r.
 *
 * Metrics of counts resample the cells (true class, prediction of each model) by a multinomial draw, which is
 * the bootstrap of rows exactly, at a cost that does not grow with the rows. Metrics of sums resample rows while
 * these are at most 1000, and otherwise 1000 random blocks of rows of equal size: the interval is as wide
 * (but for a factor √(999/1000)), the cost bounded. Areas under curves resample rows while these are at most
 * 1000, and beyond that the blocks of their linearisation (`rankTerms`), whose variance is DeLong's for rocAuc.
 * Resamples on which the metric is undefined are left out.
 *
 * @param models at least one, all on the same rows and outcomes
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13
 */
export function bootstrapMetric(
  metric: MetricName,
  models: readonly Scored[],
  seed: number,
): Float64Array[] {
  const draw = samplerOf(metric, models);
  if (draw === undefined) return models.map(() => new Float64Array(0));
  const random = createRandom(seed);
  const replicates = Math.min(
    REPLICATES,
    Math.max(MIN_REPLICATES, Math.floor(MAX_DRAWS / draw.units)),
  );
  const values: number[][] = models.map(() => []);
  for (let r = 0; r < replicates; r++) {
    const drawn = draw.sample(random);
    if (drawn !== undefined) drawn.forEach((value, m) => values[m].push(value));
  }
  return values.map((own) => Float64Array.from(own));
}

/**
 * Percentile interval of resampled values (type-7 quantiles).
 * @param confidence in (0, 1)
 */
export function percentileInterval(
  values: Float64Array,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const sorted = Array.from(values.slice().sort());
  return {
    low: quantileSorted(sorted, (1 - confidence) / 2),
    high: quantileSorted(sorted, (1 + confidence) / 2),
  };
}

interface Sampler {
  /** cells, rows or blocks drawn a resample */
  readonly units: number;
  /** the metric of each model on a new resample; undefined if it is undefined for one */
  sample(random: Random): number[] | undefined;
}

function samplerOf(metric: MetricName, models: readonly Scored[]): Sampler | undefined {
  if (isCountMetric(metric)) return countSampler(metric, models);
  if (isRankMetric(metric)) return rankSampler(metric, models);
  const terms = models.map((model) => rowTerms(metric, model));
  return blockSampler(terms, models[0].rows, (sums, n) => sumMetric(metric, sums, n));
}

function countSampler(metric: CountMetric, models: readonly Scored[]): Sampler | undefined {
  const cells = jointCells(metric, models);
  if (cells === undefined) return undefined;
  const { classes, truth, predicted, counts } = cells;
  const drawn = new Float64Array(counts.length);
  return {
    units: counts.length,
    sample(random) {
      resampleCountsInto(counts, random, drawn);
      return allDefined(predicted.map((own) => countMetric(metric, classes, truth, own, drawn)));
    },
  };
}

interface JointCells {
  readonly classes: number;
  readonly truth: Int32Array;
  /** a model */
  readonly predicted: readonly Int32Array[];
  readonly counts: Float64Array;
}

/** The combinations of true class and predictions that occur, or of right and wrong where no more matters. */
function jointCells(metric: CountMetric, models: readonly Scored[]): JointCells | undefined {
  const columns: Int32Array[] = [];
  let classes = 2;
  for (const model of models) {
    if (model.kind !== 'classification') return undefined;
    const { truth, labels } = model;
    if (isShareRight(metric)) {
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

function rankSampler(metric: RankMetric, models: readonly Scored[]): Sampler | undefined {
  const { rows } = models[0];
  const rankings = models.map(classRankings);
  if (rows <= MAX_BLOCKS) {
    return {
      units: rows * Math.max(1, rankings[0].length),
      sample(random) {
        const times = drawTimes(rows, random);
        return allDefined(rankings.map((own) => rankMetric(metric, own, times)));
      },
    };
  }
  const terms = rankings.map((own) => {
    const data = rankTerms(metric, own, rows);
    return data === undefined ? undefined : { data, cols: 1 };
  });
  return blockSampler(terms, rows, ([sum], n) => Math.min(1, Math.max(0, sum / n)));
}

/**
 * @param termsOfModels undefined where a model has none
 * @param value of a metric, from the terms summed over a resample of n rows
 */
function blockSampler(
  termsOfModels: readonly (RowTerms | undefined)[],
  rows: number,
  value: (sums: Float64Array, n: number) => number | undefined,
): Sampler | undefined {
  const blockOf = blocksOfRows(rows);
  const blocks = Math.min(rows, MAX_BLOCKS);
  const sizes = new Float64Array(blocks);
  for (let i = 0; i < rows; i++) sizes[blockOf[i]]++;
  const sums: BlockSums[] = [];
  for (const terms of termsOfModels) {
    if (terms === undefined) return undefined;
    sums.push({ data: sumTerms(terms, blocks, blockOf), cols: terms.cols });
  }
  return {
    units: blocks,
    sample(random) {
      const times = drawTimes(blocks, random);
      let n = 0;
      for (let b = 0; b < blocks; b++) n += times[b] * sizes[b];
      return allDefined(sums.map((own) => value(weightedSums(own, times), n)));
    },
  };
}

/** Row-major sums of the terms of each block. */
interface BlockSums {
  readonly data: Float64Array;
  readonly cols: number;
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

function drawTimes(blocks: number, random: Random): Int32Array {
  const times = new Int32Array(blocks);
  for (let b = 0; b < blocks; b++) times[Math.floor(random() * blocks)]++;
  return times;
}

function weightedSums({ data, cols }: BlockSums, times: Int32Array): Float64Array {
  const sums = new Float64Array(cols);
  for (let b = 0; b < times.length; b++) {
    if (times[b] === 0) continue;
    for (let j = 0; j < cols; j++) sums[j] += times[b] * data[b * cols + j];
  }
  return sums;
}

function allDefined(values: readonly (number | undefined)[]): number[] | undefined {
  const defined = values.filter((value) => value !== undefined);
  return defined.length === values.length ? defined : undefined;
}
