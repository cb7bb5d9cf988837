/** The mean of n values, in O(1) a value. */
export interface RunningMean {
  n: number;
  mean: number;
}

/** Takes a value into the mean, in place. */
export function addToMean(of: RunningMean, x: number): void {
  of.n++;
  of.mean += (x - of.mean) / of.n;
}

/** Makes a mean the same as another, in place. */
export function copyMean(to: RunningMean, from: RunningMean): void {
  to.n = from.n;
  to.mean = from.mean;
}

/** The mean of n values and the sum of their squared deviations from it. */
export interface RunningVariance extends RunningMean {
  squares: number;
}

/** Takes a value into mean and variance, in place. @see Welford (1962), Technometrics 4:419–420. */
export function addToVariance(of: RunningVariance, x: number): void {
  const deviation = x - of.mean;
  addToMean(of, x);
  of.squares += deviation * (x - of.mean);
}
