/** A pipeline's configuration, as it travels: a reference to the whole, and the few fields that workflows decide by. */
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';

/** What workflows read of a configuration, and what is shown of it. It stays small however long the whole is. */
export interface ConfigExcerpt extends Pick<
  PipelineConfig,
  'name' | 'description' | 'target' | 'predictionOnly' | 'breaker' | 'hooks'
> {
  readonly files: Pick<PipelineConfig['files'], 'folder' | 'glob'>;
  readonly estimator: Pick<PipelineConfig['estimator'], 'kind'>;
  readonly retrain: Pick<PipelineConfig['retrain'], 'mode' | 'fallback' | 'on' | 'coolDown'>;
  readonly detection: Pick<PipelineConfig['detection'], 'falseAlarmRate' | 'horizon' | 'over'>;
  readonly gate: Pick<PipelineConfig['gate'], 'shadow'>;
}

/** A configuration whose whole is in the store. */
export interface StoredConfig extends ConfigExcerpt {
  /** the whole `PipelineConfig` as JSON; its sha256 changes whenever the configuration or its hooks do */
  readonly stored: ArtefactRef;
}

/** A configuration as workflows are given it. Older code gave the whole, which their histories and states still hold. */
export type GivenConfig = StoredConfig | PipelineConfig;

/** The fields that workflows and pages read, of either form. */
export function excerptOf(config: ConfigExcerpt): ConfigExcerpt {
  const { name, description, target, predictionOnly, breaker, hooks } = config;
  const { files, estimator, retrain, detection, gate } = config;
  const { mode, fallback, on, coolDown } = retrain;
  const { falseAlarmRate, horizon, over } = detection;
  return {
    ...{ name, description, target, predictionOnly, breaker, hooks },
    files: { folder: files.folder, glob: files.glob },
    estimator: { kind: estimator.kind },
    retrain: { mode, fallback, on, ...(coolDown !== undefined && { coolDown }) },
    detection: {
      falseAlarmRate,
      ...(horizon !== undefined && { horizon }),
      ...(over !== undefined && { over }),
    },
    gate: gate.shadow === undefined ? {} : { shadow: gate.shadow },
  };
}

/** A configuration by reference: the same configuration gives the same JSON. */
export const byReference = (config: PipelineConfig, stored: ArtefactRef): StoredConfig => ({
  ...excerptOf(config),
  stored,
});
