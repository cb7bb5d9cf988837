/** A model of a pipeline: what it scores, where it comes from, and what may be done with it. */
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { ModelCard } from '../../store/model-card.ts';
import type { ModelRef } from '../../workflows/contract.ts';
import { formatBytes, formatEstimate } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { cardPath } from '../paths.ts';
import { lineageOf } from './lineage.ts';
import { facts, type Entries } from './words.ts';

export function modelCard({
  pipeline,
  model,
  lineage,
  appointment = [],
  actions = null,
}: {
  readonly pipeline: string;
  readonly model: ModelRef;
  /** from the store; absent when it is not there */
  readonly lineage: ModelCard | undefined;
  /** how it came to where it is */
  readonly appointment?: Entries;
  readonly actions?: Child;
}): Html {
  const { id, score, estimator, trainedOn, artefact } = model;
  return html`<article class="card" id="model-${id}">
    <h3><code>${id}</code></h3>
    ${facts([
      [
        `${capital(METRIC_WORDS[score.name])} when made`,
        html`<span class="number">${formatEstimate(score)}</span>`,
      ],
      ...appointment,
      ['Estimator', estimator],
      ['Trained on', trainedOn],
    ])}
    <details class="lineage">
      <summary>Where it comes from, and its files</summary>
      ${facts([
        ...(lineage === undefined ? [] : lineageOf(lineage)),
        [
          'Artefact',
          html`<code class="hash">${artefact.uri}</code>, ${formatBytes(artefact.bytes)}`,
        ],
        [
          'Card',
          lineage === undefined
            ? null
            : html`<a href="${cardPath(pipeline, id)}" download>all of it as JSON</a>`,
        ],
        [
          'For other programs',
          html`<code>npm run calmops -- export ${pipeline} --model ${id} --onnx ${id}.onnx</code>`,
        ],
      ])}
    </details>
    ${
      lineage === undefined &&
      html`<p class="notice stale">
        The store does not have its card (<code class="hash">${model.card.uri}</code>).
      </p>`
    }
    ${actions !== null && html`<div class="commands">${actions}</div>`}
  </article>`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
