/** What the workflows ask of the activities. */
import type { Comparison } from '../../core/models/metrics/evaluation.ts';
import type { PerformanceEstimate } from '../../core/drift/label-free/estimate.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { GivenConfig } from './configuration.ts';
import type { Damage } from './damage.ts';
import type { Dataset, DatasetFile, LateEvaluation } from './datasets.ts';
import type { ChampionEvaluation, DriftSummary } from './examination.ts';
import type { Appointment, ModelRef, ShadowFile, SoundModel } from './models.ts';
import type { RunReport, RunSummary } from './runs.ts';
import type { FoundRuns, FoundState, SavedState } from './saved-state.ts';

/**
 * Compute activities: heavy, in processes of their own, heartbeating. What each task is given has the whole configuration. What they
 * met damaged in the store they tell beside what they found.
 */
export type ComputeActivities = ComputeTasks<GivenConfig>;

/** The same, with the configuration in the form `C`. */
export interface ComputeTasks<C = PipelineConfig> {
  /** Reads, validates and stores a dataset file. @throws InvalidDataset */
  ingest(input: {
    config: C;
    file: DatasetFile;
    /** the run's position in the pipeline's order: labels are for a file that came before it */
    sequence?: number;
    /** the model that the file is to meet: its columns and labels are read as it knows them; absent: there is none */
    champion?: ModelRef;
  }): Promise<Dataset & Damage>;
  /**
   * Scores what was predicted for the file that a dataset has the labels of; null if nothing was.
   */
  scorePredictions(input: {
    config: C;
    dataset: Dataset;
  }): Promise<(LateEvaluation & Damage) | null>;
  /**
   * Compares a dataset with the champion's reference and scores the champion on it, both at once.
   * The evaluation is null when the dataset is not labelled.
   */
  examine(input: {
    config: C;
    dataset: Dataset;
    champion: ModelRef;
    previous: ModelRef | null;
    /** the run's position in the pipeline's order: what came before it is there to compare with */
    sequence?: number;
    /** the false-alarm rate of this file, over all of its tests; absent: what the configuration says of one file */
    falseAlarmRate?: number;
    /** ISO 8601, when the file arrived: its season, where the pipeline compares files of one */
    arrivedAt?: string;
  }): Promise<
    {
      drift: DriftSummary;
      evaluation: ChampionEvaluation | null;
      /** of a dataset that is not labelled: the champion's metric, as far as the inputs tell, or why they do not */
      estimated?: PerformanceEstimate | null;
    } & Damage
  >;
  /** Trains on the rows that are not held out. @throws NotEnoughData */
  train(input: {
    config: C;
    dataset: Dataset;
    parent: ModelRef | null;
    mode: PipelineConfig['retrain']['mode'];
    /** why the gate refused the challenger before this one; null for the first */
    refusal: string | null;
    /** the run's position in the pipeline's order: what came before it is there to train on */
    sequence?: number;
  }): Promise<ModelRef & Damage>;
  /** Scores both on the rows of the dataset that the challenger did not see, and on the file before if these leave a doubt. */
  compareModels(input: {
    config: C;
    dataset: Dataset;
    champion: ModelRef;
    challenger: ModelRef;
    /** the run's position in the pipeline's order; absent: only the dataset is looked at */
    sequence?: number;
  }): Promise<Comparison & Damage>;
  /** Scores both on all labelled rows of some files, none of which either was trained on, taken together. */
  compareOnFiles(input: {
    config: C;
    datasets: readonly ShadowFile[];
    champion: ModelRef;
    challenger: ModelRef;
  }): Promise<Comparison & Damage>;
  /**
   * After a model could not be read: which of champion and previous model are sound, and which model there is to go on
   * with.
   */
  findSoundModel(input: {
    config: C;
    dataset: Dataset;
    champion: ModelRef;
    previous: ModelRef | null;
  }): Promise<SoundModel & Damage>;
  predict(input: { config: C; dataset: Dataset; champion: ModelRef }): Promise<ArtefactRef>;
}

/** Light activities: quick, idempotent, tried until they work. */
export interface LightActivities {
  /** Writes the report, once: a second call gives the reference of the first. */
  publish(report: RunReport): Promise<ArtefactRef>;
  /** The champion that the pipeline had when the store last heard of it; null if none. */
  findChampion(pipeline: Pick<PipelineConfig, 'name' | 'target'>): Promise<Appointment | null>;
  /** Keeps the state of a pipeline, under a number above all that are there; the same state again changes nothing. */
  saveState(input: SavedState): Promise<ArtefactRef>;
  /** What the store has of a pipeline's state. @throws if it was saved by newer code */
  findState(pipeline: Pick<PipelineConfig, 'name' | 'target'>): Promise<FoundState>;
  /** The runs after a position, in order, as many as a payload takes; empty when there are no more. */
  findRuns(input: { pipeline: string; after: number }): Promise<FoundRuns>;
  /** The position of one run that has its report; null if it has none. */
  findRun(input: {
    pipeline: string;
    sha256: string;
    revision: number;
  }): Promise<{ readonly sequence: number } | null>;
  /** Writes a page under its number, or where another one has it, under the next that is free. */
  sealRuns(input: {
    pipeline: string;
    page: number;
    runs: readonly RunSummary[];
  }): Promise<ArtefactRef>;
  notify(input: { config: GivenConfig; report: RunReport }): Promise<void>;
}
