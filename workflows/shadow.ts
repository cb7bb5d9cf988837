import {
  ActivityFailure,
  ApplicationFailure,
  patched,
  proxyActivities,
} from '@temporalio/workflow';
import { READING } from './activity-options.ts';
import {
  fileOfRows,
  PERMANENT_FAILURES,
  type ComputeActivities,
  type Dataset,
  type MonitorDatasetInput,
  type Shadow,
  type ShadowFile,
} from './contract.ts';
import type { RunRecord } from './run-record.ts';
import { wasBegunBy } from './run-version.ts';

const { compareOnFiles } = proxyActivities<ComputeActivities>(READING);

/**
 * Scores the challenger in shadow beside the champion on all labelled rows of a file, together with those of the
 * files that both met before. After the last of them it is decided: the record says that it won, or that it is refused.
 *
 * A challenger that cannot read the file is refused for that; the file is not to blame.
 */
export async function scoreShadow(
  input: MonitorDatasetInput,
  run: RunRecord,
  dataset: Dataset,
): Promise<void> {
  const { config, champion, revision, shadow = null } = input;
  if (shadow === null || champion === null || !dataset.labelled) return;
  // A file that is run again is no new evidence.
  if (shadow.championId !== champion.id || revision > 0) return;
  run.enter('compare');
  const challenger = shadow.model;
  const { ref, sha256, fileName, labelsFor } = dataset;
  const file = { ref, sha256, fileName, ...(labelsFor && { labelsFor }) };
  const seen = [...withoutRowsOf(file, shadow.seen, input), file];
  try {
    const compared = { config, datasets: seen, champion, challenger };
    const comparison = run.noted(await compareOnFiles(compared));
    const { files } = shadow;
    run.shadowReport = { model: challenger, seen: seen.length, files, comparison };
    run.shadow = { ...shadow, seen, comparison };
    if (seen.length < files) return;
    if (comparison.verdict !== 'promote') run.endShadow(comparison.reason);
  } catch (error) {
    const reason = permanentReason(error);
    if (reason === null) throw error;
    run.endShadow(`It could not be compared on ${dataset.fileName}: ${reason}`);
  }
}

/** Corrected labels take the place of the earlier ones of their rows: these are no new evidence. */
function withoutRowsOf(
  file: ShadowFile,
  seen: readonly ShadowFile[],
  input: MonitorDatasetInput,
): readonly ShadowFile[] {
  const others = seen.filter((each) => fileOfRows(each) !== fileOfRows(file));
  if (others.length === seen.length) return seen;
  return wasBegunBy(3, input) || patched('rows in shadow count once') ? others : seen;
}

/** Why retraining rests while a challenger runs beside the champion; null when none does. */
export function restingForShadow(shadow: Shadow | null | undefined): string | null {
  if (shadow === null || shadow === undefined) return null;
  return `challenger ${shadow.model.id} runs beside the champion (${shadow.seen.length} of ${shadow.files} files seen)`;
}

function permanentReason(error: unknown): string | null {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) {
    return null;
  }
  // It is damaged, or a file that it was to be compared on is: it could not be decided about any more.
  const permanent: readonly string[] = [
    ...PERMANENT_FAILURES,
    'DamagedModel',
    'ArtefactDamagedError',
  ];
  return permanent.includes(error.cause.type ?? '') ? error.cause.message : null;
}
