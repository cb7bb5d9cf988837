import { BINS } from './workspace';

/** The best split of a node so far; a larger score is a smaller impurity of the two children. */
export let bestScore: f64 = 0;
/** −1 = none yet */
export let bestFeature: i32 = -1;
/** bins up to this one go left */
export let bestBin: i32 = 0;
/** side of missing values: 1 = left, 0 = right, −1 = the node has none, so none was learned */
export let bestMissing: i32 = -1;

export function resetBest(): void {
  bestScore = -Infinity;
  bestFeature = -1;
}

/** Records a split between two neighbouring occupied bins: half way, so that values between go with the nearer. */
export function record(score: f64, feature: i32, bin: i32, next: i32, missing: i32): void {
  bestScore = score;
  bestFeature = feature;
  bestBin = next == BINS - 1 ? BINS - 2 : (bin + next) >> 1;
  bestMissing = missing;
}
