/** Dataset files and what is known of their data. */
import type { Evaluation } from '../../core/models/metrics/evaluation.ts';
import type { Task } from '../../core/models/model.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';

/** A dataset file that arrived. Its identity is pipeline + sha256. */
export interface DatasetFile {
  /** file name without folders, for people */
  readonly name: string;
  /** absolute path at which the workers can read it */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** ISO 8601, when the watcher saw it settled */
  readonly arrivedAt: string;
  /**
   * the content came anew after a run of this revision, which ended in one of `RERUNNABLE_OUTCOMES`: it is run again, unless
   * that was done by now; absent: it is new, as far as is known
   */
  readonly rerunOf?: number;
}

/** A dataset as the store holds it. */
export interface Dataset {
  readonly ref: ArtefactRef;
  readonly sha256: string;
  readonly fileName: string;
  readonly rows: number;
  readonly columns: number;
  /** false: the target column is absent or has no value, so only predictions can be made */
  readonly labelled: boolean;
  /** null when the file is not labelled and pipeline.yaml does not say */
  readonly task: Task | null;
  /** said for people: given in pipeline.yaml, or inferred and from what */
  readonly taskReason: string;
  /** sentences on how the file was read that a person should know; absent: none */
  readonly notes?: readonly string[];
  /** the file brought labels for this earlier one, whose data these are; absent: it is a file of its own */
  readonly labelsFor?: { readonly fileName: string; readonly sha256: string };
  /** the run of the file that had brought its labels, before it came; absent: it has its own, or none */
  readonly labelsFrom?: RunPointer;
  /** why the labels that waited for the file could not be joined to it, for people; absent: they could, or none waited */
  readonly labelsUnfit?: string;
  /** the data are labels for a file of this name, without its ending, that has not come: they wait for it */
  readonly waitsFor?: string;
}

/** A dataset, or labels that came for one. */
export type RowsOfFile = Pick<Dataset, 'sha256' | 'labelsFor'>;

/** The file whose rows these are: the same ones however often labels for them come. */
export function fileOfRows({ sha256, labelsFor }: RowsOfFile): string {
  return labelsFor?.sha256 ?? sha256;
}

/** How good the predictions for a file were, as its labels tell when they come. */
export interface LateEvaluation {
  /** the model that was in force then */
  readonly modelId: string;
  /** of the file's run that predicted; absent: 0 */
  readonly revision?: number;
  readonly evaluation: Evaluation;
}

/** Names a run of a pipeline, for people and for links. */
export interface RunPointer {
  readonly fileName: string;
  readonly sha256: string;
  readonly revision: number;
}
