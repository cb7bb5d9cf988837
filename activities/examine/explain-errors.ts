import { inKindsOf } from '../../core/drift/empty-columns.ts';
import { followErrors, type ErrorCourse } from '../../core/drift/explain/error-course.ts';
import {
  splitChange,
  type JudgedRows,
  type KindsOfChange,
} from '../../core/drift/explain/kinds.ts';
import { rowErrors } from '../../core/drift/explain/row-errors.ts';
import type { StreamDetectorName } from '../../core/drift/streams/all-detectors.ts';
import type { Model } from '../../core/models/model.ts';
import { scored as pair } from '../../core/models/metrics/scored.ts';
import type { Table } from '../../core/table.ts';
import type { PipelineConfig } from '../../pipelines/schema.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { FROM_BACKUP, unlessDamaged } from '../damage.ts';
import type { Environment } from '../environment.ts';
import { heldOutRows } from '../models/held-out.ts';
import { scoreOn, type Scored } from '../models/scoring.ts';

/** The champion's errors on the labelled rows of a file in the order of these, or in time. */
export function courseOfErrors(
  { table, errors }: JudgedRows,
  detector: StreamDetectorName,
  { timeColumn }: PipelineConfig,
): ErrorCourse {
  return followErrors(table, errors, detector, timeColumn);
}

/** Labelled rows, and how a model erred on them. */
export function judgedRows(table: Table, { predictions, outcomes }: Scored): JudgedRows {
  return { table, errors: rowErrors(pair(predictions, outcomes)) };
}

/**
 * Takes a file's change apart, against the rows that were held out of the champion's training.
 * @returns null if these cannot be told any more, their data are damaged, or either has too few rows
 */
export async function splitChampionChange(
  judged: JudgedRows,
  { model, card }: { readonly model: Model; readonly card: ModelCard },
  config: PipelineConfig,
  environment: Environment,
): Promise<KindsOfChange | null> {
  const { dataset, fileName } = card.trainedOn;
  const done = `Inputs, outcomes and their relation could not be told apart, for want of the data of ${fileName}. ${FROM_BACKUP}, or run ${fileName} again`;
  const held = await unlessDamaged(environment, { uri: dataset.uri, done }, () =>
    heldOutRows(card, config, environment),
  );
  if (held === null) return null;
  const features = model.schema.features.map(({ name }) => name);
  const before = inKindsOf(judged.table, held);
  const now = inKindsOf(held, judged.table);
  const ofBefore = judgedRows(before, scoreOn(model, held));
  return splitChange(
    ofBefore,
    { ...judged, table: now },
    {
      features: features.filter((name) => hasSameKind(before, now, name)),
      target: config.target,
      task: card.task,
      seed: config.seed,
    },
  );
}

function hasSameKind(before: Table, now: Table, name: string): boolean {
  const kindIn = (table: Table): string | undefined =>
    table.columns.find((column) => column.name === name)?.kind;
  return kindIn(before) !== undefined && kindIn(before) === kindIn(now);
}
