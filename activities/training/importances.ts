import { permutationImportances } from '../../core/models/importance.ts';
import type { Model } from '../../core/models/model.ts';
import { isModelOfHooks } from '../../pipelines/hook-model.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { primaryMetric } from '../models/scoring.ts';
import type { NewFile } from './training-data.ts';

type Importances = NonNullable<ModelCard['importances']>;

const REPEATS = 5;
/** More rows than these add time and little else: it predicts each of them 5 times for each feature. */
const MOST_ROWS = 1_000;
/** Models of more features have their gains alone. */
const MOST_FEATURES = 100;

/**
 * What each feature contributes to a model, most first, by the rows of a file that were held out. Models of hooks
 * are not asked: what a prediction of theirs costs is not known.
 */
export function importancesOf(
  model: Model,
  { table, holdout, task }: NewFile,
  config: PipelineConfig,
): Importances {
  const gains = new Map(model.importances?.().map(({ feature, gain }) => [feature, gain]));
  const { features } = model.schema;
  const permuted =
    features.length > MOST_FEATURES || isModelOfHooks(model)
      ? []
      : permutationImportances(model, table, holdout.slice(0, MOST_ROWS), {
          metric: primaryMetric(config, { task }),
          repeats: REPEATS,
          seed: config.seed,
        });
  const losses = new Map(permuted.map(({ feature, mean }) => [feature, mean]));
  if (gains.size === 0 && losses.size === 0) return [];
  const found = features.map(({ name }) => {
    const [gain, permutation] = [gains.get(name), losses.get(name)];
    return {
      feature: name,
      ...(gain === undefined ? {} : { gain }),
      ...(permutation === undefined ? {} : { permutation }),
    };
  });
  return found.sort(
    (a, b) => (b.permutation ?? 0) - (a.permutation ?? 0) || (b.gain ?? 0) - (a.gain ?? 0),
  );
}
