import { designEffectOf, INDEPENDENT, type DesignEffect } from '../stats/design-effect.ts';
import type { DetectionOptions } from './detection-options.ts';
import type { DispersionCurve } from '../stats/row-dependence.ts';
import type { ColumnSummary } from './summary/table-summary.ts';

type DesignOptions = Pick<DetectionOptions, 'rows' | 'numeric'>;

/**
 * What rows are worth in the test of a column's distribution. Kolmogorov–Smirnov's D is about the middle of the
 * distribution, where it varies most; tests of means and of ranks are about how high all values are.
 * @param rows of the file
 */
export function distributionDesign(
  reference: ColumnSummary,
  rows: number,
  options: DesignOptions,
): DesignEffect {
  if (options.rows === 'independent') return INDEPENDENT;
  const { dependence } = reference;
  const telling =
    'shares' in dependence ? [dependence.shares] : [dependence.height, dependence.distance];
  return designEffectOf(distributionCurves(reference, options), rows, telling);
}

/** What they are worth in the test of missing values. */
export function missingDesign(
  { dependence }: ColumnSummary,
  rows: number,
  options: DesignOptions,
): DesignEffect {
  if (options.rows === 'independent') return INDEPENDENT;
  return designEffectOf([dependence.missing], rows);
}

/** What they are worth to a score of several columns: as little as to any of them in any respect. */
export function jointDesign(
  columns: readonly ColumnSummary[],
  rows: number,
  options: DesignOptions,
): DesignEffect {
  if (options.rows === 'independent') return INDEPENDENT;
  return columns
    .map(({ dependence }) => designEffectOf(Object.values(dependence), rows))
    .reduce((largest, own) => (own.phi > largest.phi ? own : largest), INDEPENDENT);
}

function distributionCurves(
  reference: ColumnSummary,
  { numeric = 'auto' }: DesignOptions,
): readonly DispersionCurve[] {
  if (reference.kind === 'categorical') return [reference.dependence.shares];
  const { height, side, distance } = reference.dependence;
  const isKolmogorov = reference.few === null && (numeric === 'auto' || numeric === 'ks');
  return [isKolmogorov ? side : height, distance];
}
