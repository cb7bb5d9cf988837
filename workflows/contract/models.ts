/** Models, who is in force, and who would like to be. */
import type { Comparison, MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import type { Task } from '../../core/models/model.ts';
import type { ArtefactRef } from '../../store/artefact-store.ts';
import type { Dataset } from './datasets.ts';

/** A trained model: where it is and what it scored when it was made. */
export interface ModelRef {
  readonly id: string;
  readonly artefact: ArtefactRef;
  readonly card: ArtefactRef;
  /** the data it was trained on: the reference of drift detection */
  readonly reference: ArtefactRef;
  readonly estimator: string;
  readonly task: Task;
  /** name of the file it was trained on */
  readonly trainedOn: string;
  readonly score: MetricEstimate;
  /** how it was trained, as its card has it: the mode that was used, whichever was asked for; absent where it is not known */
  readonly mode?: string;
  /** a sentence on the columns that it did not learn from, and why; absent: it learned from all that it was given */
  readonly leftOut?: string;
}

/** A model that is or was in force, and why. */
export interface Appointment {
  readonly model: ModelRef;
  readonly since: string;
  readonly by: string;
  readonly why: string;
}

/** A challenger that was trained and not put in force, kept for study and for promotion by hand. */
export interface Candidate extends ModelRef {
  /** one sentence for people; absent for candidates of before it was kept */
  readonly refusedBecause?: string;
  /** of the run that ended its chances: it holds the comparison */
  readonly report?: ArtefactRef;
}

/** A file on which a challenger in shadow met the champion. */
export type ShadowFile = Pick<Dataset, 'ref' | 'sha256' | 'fileName' | 'labelsFor'>;

/** A challenger that passed the gate on its own file and runs beside the champion until it is decided. */
export interface Shadow {
  readonly model: ModelRef;
  /** the champion that it is compared with; when that changes, the shadow ends */
  readonly championId: string;
  readonly since: string;
  /** what the gate said of it on its own file */
  readonly why: string;
  /** files that it is to see */
  readonly files: number;
  /** files seen so far, on all of whose labelled rows both were scored, oldest first */
  readonly seen: readonly ShadowFile[];
  /** what the gate says on all of them together; null before the first */
  readonly comparison: Comparison | null;
}

/** What was found in the store after a model could not be read. */
export interface SoundModel {
  /** what is wrong with the champion; null: nothing is */
  readonly championDamage: string | null;
  /** what is wrong with the previous model; null: nothing is, or there is none */
  readonly previousDamage: string | null;
  /** the champion if it is sound, else the newest model that was in force and is; null: none is */
  readonly model: ModelRef | null;
}

/** A challenger in shadow after a file: so many of so many files seen, and both on all of them together. */
export interface ShadowReport {
  readonly model: ModelRef;
  readonly seen: number;
  readonly files: number;
  readonly comparison: Comparison;
}

/** A run asks the pipeline to put a model in force, if `expected` still is. */
export interface AppointmentProposal {
  /** says which answer belongs to it; the same proposal sent again is answered as before; absent: sent by older code */
  readonly id?: string;
  readonly runWorkflowId: string;
  /** `fallback`: in the place of a champion that is damaged */
  readonly kind: 'train' | 'promote' | 'rollback' | 'fallback';
  readonly expectedChampionId: string | null;
  /** the model ran in shadow, and may come into force as long as it does; absent: it did not */
  readonly fromShadow?: true;
  readonly model: ModelRef;
  readonly why: string;
}

/** `proposalId` is that of the proposal, where it had one. */
export type AppointmentAnswer = { readonly proposalId?: string } & (
  { readonly accepted: true } | { readonly accepted: false; readonly reason: string }
);
