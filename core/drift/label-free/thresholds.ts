/** Standard deviations between the mean of the reference chunks and a threshold (NannyML's default). */
const DEVIATIONS = 3;

/** Sampling errors between an estimate and the ends of its interval (NannyML's default). */
const SAMPLING_ERRORS = 3;

/** Between these a metric is as it was on the reference. */
export interface Thresholds {
  readonly lower: number;
  readonly upper: number;
}

/** A metric estimated without labels. */
export interface EstimatedMetric {
  readonly value: number;
  /** standard error of the metric on as many rows, by chance alone */
  readonly samplingError: number;
  /** value ± 3 sampling errors, within the range of the metric */
  readonly low: number;
  readonly high: number;
  readonly thresholds: Thresholds;
  /** is the value outside the thresholds? */
  readonly alarm: boolean;
}

/** Least and greatest value that a metric can have. */
export interface MetricRange {
  readonly least: number;
  readonly greatest: number;
}

/**
 * Mean ± 3 standard deviations (ddof 0) of the realised metric of the reference chunks, within the metric's range.
 * @param realised at least one value
 */
export function thresholdsOf(
  realised: readonly number[],
  { least, greatest }: MetricRange,
): Thresholds {
  const n = realised.length;
  const mean = realised.reduce((sum, x) => sum + x, 0) / n;
  const variance = realised.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  const reach = DEVIATIONS * Math.sqrt(variance);
  return { lower: Math.max(least, mean - reach), upper: Math.min(greatest, mean + reach) };
}

/** A value with its interval, compared with the thresholds. */
export function estimateOf(
  value: number,
  samplingError: number,
  thresholds: Thresholds,
  { least, greatest }: MetricRange,
): EstimatedMetric {
  return {
    value,
    samplingError,
    low: Math.max(least, value - SAMPLING_ERRORS * samplingError),
    high: Math.min(greatest, value + SAMPLING_ERRORS * samplingError),
    thresholds,
    alarm: value < thresholds.lower || value > thresholds.upper,
  };
}
