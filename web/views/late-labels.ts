/** What the labels of an earlier file, when they came, say of the predictions that had been made for it. */
import { METRIC_WORDS } from '../../core/models/evaluation.ts';
import type { RunReport } from '../../workflows/contract.ts';
import { formatCount, formatEstimate } from '../format.ts';
import { html, type Child } from '../html.ts';
import { runPath } from '../paths.ts';
import { modelErrors } from './model-errors.ts';

export function lateLabelsSection({ pipeline, dataset, late }: RunReport): Child {
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
