/** Labels that came by another file than the rows: what each of the two runs says of the other. */
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { LateEvaluation, RunPointer, RunReport, Sequel } from '../../workflows/contract.ts';
import { formatCount, formatEstimate, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { runPath } from '../paths.ts';
import type { ToldLater } from '../sequels.ts';
import { modelErrors } from './model-errors.ts';

/** What became known of a run after it ended, the latest first. What was decided on it then stands above. */
export function laterSection({ pipeline }: RunReport, later: readonly ToldLater[]): Child {
  if (later.length === 0) return null;
  return html`<section aria-labelledby="later-heading">
    <h2 id="later-heading">What became known later</h2>
    ${later.map(({ sequel, late }) => told(pipeline, sequel, late))}
  </section>`;
}

function told(pipeline: string, sequel: Sequel, late: LateEvaluation | null): Html {
  const link = html`<a href="${runPath(pipeline, sequel.by)}">${sequel.by.fileName}</a>`;
  if (sequel.kind === 'joined') {
    return html`<p>${formatTime(sequel.at)}: these labels were joined to ${link}.</p>`;
  }
  const { metric, rows, modelId } = sequel;
  return html`<p>
      ${formatTime(sequel.at)}: the labels came with ${link}. By them the predictions of
      <code>${modelId}</code> score ${METRIC_WORDS[metric.name]}
      <strong class="number">${formatEstimate(metric)}</strong> on ${formatCount(rows, 'row')}.
    </p>
    ${late !== null && modelErrors(late.evaluation)}`;
}

/** In the run that brought labels for another file, or was brought its own by one. */
export function lateLabelsSection({ pipeline, dataset, late }: RunReport): Child {
  if (dataset?.labelsFrom !== undefined) return labelsThatWaited(pipeline, dataset.labelsFrom);
  const labelled = dataset?.labelsFor;
  if (labelled === undefined) return null;
  const { fileName, sha256 } = labelled;
  return html`<section aria-labelledby="late-heading">
    <h2 id="late-heading">Labels for an earlier file</h2>
    <p>
      This file brought the labels of
      <a href="${runPath(pipeline, { sha256, revision: 0 })}">${fileName}</a>.
      ${
        late === undefined
          ? 'No predictions had been made for it.'
          : html`The predictions made for it then, by <code>${late.modelId}</code>, score
              ${METRIC_WORDS[late.evaluation.primary.name]}
              <strong class="number">${formatEstimate(late.evaluation.primary)}</strong> on
              ${formatCount(late.evaluation.rows, 'row')}.`
      }
    </p>
    ${late !== undefined && modelErrors(late.evaluation)}
  </section>`;
}

function labelsThatWaited(pipeline: string, from: RunPointer): Html {
  return html`<section aria-labelledby="late-heading">
    <h2 id="late-heading">Labels that came before their file</h2>
    <p>
      The labels of this file had come with
      <a href="${runPath(pipeline, from)}">${from.fileName}</a>, and waited for it.
    </p>
  </section>`;
}
