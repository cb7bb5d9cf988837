import { METRIC_NAMES } from './evaluation.ts';
import type {
  BaselineRows,
  ConfusionMatrix,
  Evaluation,
  Interval,
  MetricName,
  Performance,
} from './evaluation.ts';
import { poolLosses } from './loss.ts';

/**
 * What a champion's later files are compared with: how it scored on the rows held out of its training, and on its first
 * files after that.
 *
 * One hold-out is smaller than the files that are compared with it. Where it was easy by luck, every later file looks
 * worse, and the rate of false alarms, though it holds over champions, does not hold for the files of this one. The
 * first files tell the luck apart: with ten of them the baseline's own error is a third of a file's. Then it is
 * left as it is, so that a slow decay is not followed by its own measure.
 */
export interface GrownBaseline {
  readonly evaluation: Evaluation;
  readonly of: BaselineRows;
}

/** Files of a champion that join its baseline: `npm run bench:gate` compares this number with others. */
export const BASELINE_FILES = 10;

/**
 * A file on which the champion is worse with a p-value of at most this is no sample of what it was chosen for, and does not
 * join. The level is far below that of an alarm: leaving out every file that raises one would keep a lucky
 * baseline lucky.
 */
export const WORSE_BEYOND_DOUBT = 0.001;

/** @param files the evaluations that joined, each on all labelled rows of a file */
export function growBaseline(heldOut: Evaluation, files: readonly Evaluation[]): GrownBaseline {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  return {
    evaluation: files.length === 0 ? heldOut : poolEvaluations([heldOut, ...files]),
    of: { heldOut: heldOut.rows, files: files.length, fileRows: rows },
  };
}

/** Is a file to join the baseline that it was compared with? */
export function joinsBaseline(
  { pValue }: Pick<Performance, 'pValue'>,
  { of }: GrownBaseline,
): boolean {
  return of.files < BASELINE_FILES && pValue > WORSE_BEYOND_DOUBT;
}

/**
 * Evaluations of one model on different rows as one.
 *
 * Losses are pooled exactly, and so are metrics that are means over rows; RMSE through its square. Of the other ones (areas, F1,
 * R²) it is the mean over the parts in which they are defined, weighed by rows. An interval around Σ wᵢxᵢ reaches
 * √(Σ wᵢ²(xᵢ − lᵢ)²) down and √(Σ wᵢ²(uᵢ − xᵢ)²) up.
 * @see Chan, Golub & LeVeque (1983), Am. Stat. 37:242–247; Zou & Donner (2008), Statistics in Medicine 27:1693–1702
 */
function poolEvaluations(parts: readonly [Evaluation, ...Evaluation[]]): Evaluation {
  const metrics: Partial<Record<MetricName, number>> = {};
  const intervals: Partial<Record<MetricName, Interval>> = {};
  for (const name of METRIC_NAMES) {
    const pooled = poolMetric(name, parts);
    if (pooled === null) continue;
    metrics[name] = pooled.value;
    if (pooled.interval !== null) intervals[name] = pooled.interval;
  }
  const [{ primary }] = parts;
  const value = metrics[primary.name] ?? primary.value;
  const confusion = poolConfusion(parts);
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    primary: {
      name: primary.name,
      value,
      ...(intervals[primary.name] ?? { low: value, high: value }),
    },
    metrics,
    intervals,
    loss: poolLosses(parts),
    ...(confusion !== null && { confusion }),
  };
}

interface PooledMetric {
  readonly value: number;
  /** null where one of the parts has none */
  readonly interval: Interval | null;
}

function poolMetric(name: MetricName, parts: readonly Evaluation[]): PooledMetric | null {
  const [onto, back] = name === 'rmse' ? [square, Math.sqrt] : [identity, identity];
  let [rows, sum, down, up] = [0, 0, 0, 0];
  let hasInterval = true;
  for (const part of parts) {
    const found = part.metrics[name];
    if (found === undefined) continue;
    const interval = intervalOf(part, name);
    const value = onto(found);
    rows += part.rows;
    sum += part.rows * value;
    hasInterval &&= interval !== undefined;
    down += (part.rows * (value - onto(interval?.low ?? found))) ** 2;
    up += (part.rows * (onto(interval?.high ?? found) - value)) ** 2;
  }
  if (rows === 0) return null;
  const value = sum / rows;
  const [low, high] = [value - Math.sqrt(down) / rows, value + Math.sqrt(up) / rows];
  const interval = { low: back(name === 'rmse' ? Math.max(0, low) : low), high: back(high) };
  return { value: back(value), interval: hasInterval ? interval : null };
}

const identity = (value: number): number => value;
const square = (value: number): number => value * value;

function intervalOf({ intervals, primary }: Evaluation, name: MetricName): Interval | undefined {
  return intervals?.[name] ?? (primary.name === name ? primary : undefined);
}

/** Counts over the same classes add up; null where a part has none, or has others. */
function poolConfusion(parts: readonly Evaluation[]): ConfusionMatrix | null {
  const all = parts.flatMap(({ confusion }) => confusion ?? []);
  if (all.length < parts.length) return null;
  const [{ classes }] = all;
  if (all.some((each) => each.classes.join('\n') !== classes.join('\n'))) return null;
  const add = (rows: readonly (readonly number[])[]): readonly number[] =>
    classes.map((_, k) => rows.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const unknown = all.flatMap((each) => (each.unknown === undefined ? [] : [each.unknown]));
  return {
    classes,
    counts: classes.map((_, k) => add(all.map(({ counts }) => counts[k] ?? []))),
    ...(unknown.length > 0 && { unknown: add(unknown) }),
  };
}
