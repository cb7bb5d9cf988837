import type { FeatureBins } from '../binning/feature-bins.ts';
import type { TargetScale } from '../input/targets.ts';
import type { ModelSchema } from '../model.ts';
import type { ForestParams } from './params.ts';
import type { Trees } from './trees.ts';

/** A grown forest: what its artefact holds. */
export interface Forest {
  readonly schema: ModelSchema;
  readonly features: readonly FeatureBins[];
  readonly targetScale: TargetScale;
  readonly trees: Trees;
  /** how it was grown, so that it can go on learning; absent in older artefacts */
  readonly training?: ForestTraining | undefined;
}

export interface ForestTraining {
  readonly params: ForestParams;
  /** rows that the trees stand for, by their weight; of rows from before updates, what was left of it */
  readonly rows: number;
  /** see `outOfBagScore`; absent where it was not asked for, and after an update */
  readonly outOfBag?: number | undefined;
}
