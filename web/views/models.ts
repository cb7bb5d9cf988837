import type { Appointment, ModelRef, PipelineModels } from '../../workflows/contract.ts';
import type { CommandName } from '../commands.ts';
import { formatBytes, formatEstimate, formatTime, METRIC_WORDS } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { partPath, modelsPath, pipelinePath } from '../paths.ts';
import type { Known } from '../queries.ts';
import { commandForm, doneNotice, type FailedForm } from './command-form.ts';
import { livePart, type Page } from './layout.ts';
import { facts, staleNotice } from './words.ts';

const POLL_SECONDS = 10;

export interface ModelsModel {
  readonly pipeline: string;
  readonly models: Known<PipelineModels>;
  readonly failed: FailedForm | null;
}

export function modelsPage(model: ModelsModel, done: CommandName | null): Page {
  return {
    title: `Models of ${model.pipeline}`,
    trail: [
      { name: 'Pipelines', path: '/' },
      { name: model.pipeline, path: pipelinePath(model.pipeline) },
    ],
    body: html`<h1>Models of ${model.pipeline}</h1>
      ${doneNotice(done)} ${modelsPart(model)}`,
  };
}

export function modelsPart({ pipeline, models: { value, stale }, failed }: ModelsModel): Html {
  const { champion, previous, candidates } = value;
  const path = partPath(modelsPath(pipeline));
  return livePart(
    { id: 'models', path, everySeconds: POLL_SECONDS },
    html`${staleNotice(stale)}
      <section aria-labelledby="champion-heading">
        <h2 id="champion-heading">Champion</h2>
        ${
          champion === null
            ? html`<p>None yet: the first file with labels trains it.</p>`
            : appointed(champion)
        }
      </section>
      <section aria-labelledby="previous-heading">
        <h2 id="previous-heading">Previous</h2>
        ${
          previous === null
            ? html`<p class="muted">The champion is the first; there is none before it.</p>`
            : appointed(previous)
        }
      </section>
      <section aria-labelledby="candidates-heading">
        <h2 id="candidates-heading">Candidates</h2>
        <p class="muted">
          Challengers that were refused, kept for study, newest first. A person may put one in
          force.
        </p>
        ${candidates.length === 0 && html`<p>None.</p>`}
        ${candidates.map((model) =>
          card(
            model,
            [],
            commandForm({
              pipeline,
              command: 'promote',
              label: 'Put it in force',
              hint: 'It becomes the champion although the gate refused it; the champion of now becomes the previous one.',
              seen: champion?.since ?? '',
              about: { field: 'modelId', value: model.id },
              failed,
            }),
          ),
        )}
      </section>`,
  );
}

function appointed({ model, since, by, why }: Appointment): Html {
  return card(model, [
    ['In force since', formatTime(since)],
    ['Put in force by', by],
    ['Because', why],
  ]);
}

function card(
  model: ModelRef,
  more: readonly (readonly [string, Child])[],
  action: Child = null,
): Html {
  const { score } = model;
  return html`<article class="card" id="model-${model.id}">
    <h3><code>${model.id}</code></h3>
    ${facts([
      [METRIC_WORDS[score.name], html`<span class="number">${formatEstimate(score)}</span>`],
      ['Estimator', model.estimator],
      ['Trained on', model.trainedOn],
      ...more,
      ['Size', formatBytes(model.artefact.bytes)],
      ['Artefact', html`<code class="hash">${model.artefact.uri}</code>`],
    ])}
    ${action}
  </article>`;
}
