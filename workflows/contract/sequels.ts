/** What a run tells of an earlier one, whose report never changes: late labels, and labels that had waited. */
import type { MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import type { Dataset, LateEvaluation, RunPointer } from './datasets.ts';

/** What became known of a run after it had its outcome. */
export type Sequel = (
  | {
      /** the labels of its file came, or came anew: what had been predicted is scored by them */
      readonly kind: 'labelled';
      /** the model that had predicted */
      readonly modelId: string;
      readonly metric: MetricEstimate;
      /** rows that have a label */
      readonly rows: number;
    }
  | {
      /** the labels that its file brought had waited, and were joined to the file that they are of */
      readonly kind: 'joined';
    }
) & {
  /** the run that tells it */
  readonly by: RunPointer;
  /** ISO 8601, when that run ended */
  readonly at: string;
};

/** A sequel, and the run that it is of. */
export interface SequelOfRun {
  readonly of: Pick<RunPointer, 'sha256' | 'revision'>;
  readonly sequel: Sequel;
}

/** What a run that has ended tells of an earlier one; null if nothing. */
export function sequelIn({ summary, dataset, late }: SequelSource): SequelOfRun | null {
  const { fileName, sha256, revision, finishedAt: at } = summary;
  const by = { fileName, sha256, revision };
  if (dataset?.labelsFor !== undefined && late !== undefined) {
    const { modelId, evaluation, revision: judged = 0 } = late;
    const { primary: metric, rows } = evaluation;
    return {
      of: { sha256: dataset.labelsFor.sha256, revision: judged },
      sequel: { kind: 'labelled', by, at, modelId, metric, rows },
    };
  }
  if (dataset?.labelsFrom === undefined) return null;
  const { labelsFrom } = dataset;
  return {
    of: { sha256: labelsFrom.sha256, revision: labelsFrom.revision },
    sequel: { kind: 'joined', by, at },
  };
}

/** What of a run's report matters here. */
interface SequelSource {
  readonly dataset: Dataset | null;
  readonly late?: LateEvaluation;
  readonly summary: RunPointer & { readonly finishedAt: string };
}

/** Where what is known of a run later is kept, in the order in which it became known. */
export const sequelsPrefix = (pipeline: string, sha256: string, revision: number): string =>
  `sequels/${pipeline}/${sha256}.${revision}.`;

export function sequelUri(pipeline: string, { of, sequel: { by, at } }: SequelOfRun): string {
  const prefix = sequelsPrefix(pipeline, of.sha256, of.revision);
  return `${prefix}${Date.parse(at)}.${by.sha256}.${by.revision}.json`;
}
