import type { FeatureBins } from '../binning/feature-bins.ts';
import type { TargetScale } from '../input/targets.ts';
import type { ModelSchema } from '../model.ts';
import type { BoostedTree } from './grow-leaves.ts';
import type { BoostingParams } from './params.ts';

/** Boosted trees: what their artefact holds. */
export interface Boosted {
  readonly schema: ModelSchema;
  readonly features: readonly FeatureBins[];
  readonly targetScale: TargetScale;
  /** scores before the first tree: one for regression and two classes, else one a class */
  readonly initial: Float64Array;
  /** tree i adds to score i mod outputs */
  readonly trees: readonly BoostedTree[];
  /** how it was fitted and on how many rows, by their weight, so that it can go on; absent in older artefacts */
  readonly training?: { readonly params: BoostingParams; readonly rows: number } | undefined;
}
