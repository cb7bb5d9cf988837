import type { Comparison } from '../core/models/evaluation.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
import type { ArtefactRef } from '../store/artefact-store.ts';
import type {
  ChampionEvaluation,
  Dataset,
  DatasetFile,
  DriftSummary,
  ModelRef,
  RunReport,
  RunSummary,
  ShadowFile,
} from './contract.ts';

/** Compute activities: heavy, on compute threads, heartbeating. */
export interface ComputeActivities {
  /** Reads, validates and stores a dataset file. @throws InvalidDataset */
  ingest(input: { config: PipelineConfig; file: DatasetFile }): Promise<Dataset>;
  /**
   * Compares a dataset with the champion's reference and scores the champion on it, both at once.
   * The evaluation is null when the dataset is not labelled.
   */
  examine(input: {
    config: PipelineConfig;
    dataset: Dataset;
    champion: ModelRef;
    previous: ModelRef | null;
    /** the run's position in the pipeline's order: what came before it is there to compare with */
    sequence?: number;
    /** the false-alarm rate of this file, over all of its tests; absent: what the configuration says of one file */
    falseAlarmRate?: number;
  }): Promise<{ drift: DriftSummary; evaluation: ChampionEvaluation | null }>;
  /** Trains on the rows that are not held out. @throws NotEnoughData */
  train(input: {
    config: PipelineConfig;
    dataset: Dataset;
    parent: ModelRef | null;
    mode: PipelineConfig['retrain']['mode'];
    /** why the gate refused the challenger before this one; null for the first */
    refusal: string | null;
    /** the run's position in the pipeline's order: what came before it is there to train on */
    sequence?: number;
  }): Promise<ModelRef>;
  /** Scores both on the rows of the dataset that the challenger did not see. */
  compareModels(input: {
    config: PipelineConfig;
    dataset: Dataset;
    champion: ModelRef;
    challenger: ModelRef;
  }): Promise<Comparison>;
  /** Scores both on all labelled rows of some files, none of which either was trained on, taken together. */
  compareOnFiles(input: {
    config: PipelineConfig;
    datasets: readonly ShadowFile[];
    champion: ModelRef;
    challenger: ModelRef;
  }): Promise<Comparison>;
  predict(input: {
    config: PipelineConfig;
    dataset: Dataset;
    champion: ModelRef;
  }): Promise<ArtefactRef>;
}

/** Light activities: quick, idempotent, tried until they work. */
export interface LightActivities {
  /** Writes the report, once: a second call gives the reference of the first. */
  publish(report: RunReport): Promise<ArtefactRef>;
  sealRuns(input: {
    pipeline: string;
    page: number;
    runs: readonly RunSummary[];
  }): Promise<ArtefactRef>;
  notify(input: { config: PipelineConfig; report: RunReport }): Promise<void>;
}
