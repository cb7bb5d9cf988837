import { METRIC_WORDS } from '../../core/models/evaluation.ts';
import type { Appointment, Candidate, ModelRef } from '../../workflows/contract.ts';
import type { CommandName } from '../commands.ts';
import { formatBytes, formatEstimate, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { partPath, modelsPath, pipelinePath } from '../paths.ts';
import type { Known, ModelsView } from '../queries.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { lineageOf } from './lineage.ts';
import { commandForm, doneNotice, type FailedForm } from './command-form.ts';
import { livePart, type Page } from './layout.ts';
import { facts, staleNotice, type Entries } from './words.ts';

const POLL_SECONDS = 10;

export interface ModelsModel {
  readonly pipeline: string;
  readonly models: Known<ModelsView>;
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
  const { champion, previous, candidates, cards } = value;
  const path = partPath(modelsPath(pipeline));
  return livePart(
    { id: 'models', path, everySeconds: POLL_SECONDS },
    html`${staleNotice(stale)}
      <section aria-labelledby="champion-heading">
        <h2 id="champion-heading">Champion</h2>
        ${
          champion === null
            ? html`<p>None yet: the first file with labels trains it.</p>`
            : appointed(champion, cards)
        }
      </section>
      <section aria-labelledby="previous-heading">
        <h2 id="previous-heading">Previous</h2>
        ${
          previous === null
            ? html`<p class="muted">The champion is the first; there is none before it.</p>`
            : appointed(previous, cards)
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
          card({
            model,
            lineage: cards.get(model.id),
            appointment: refusal(model),
            action: commandForm({
              pipeline,
              command: 'promote',
              label: 'Put it in force',
              hint: 'It becomes the champion although the gate refused it; the champion of now becomes the previous one.',
              seen: champion?.since ?? '',
              about: { field: 'modelId', value: model.id },
              failed,
            }),
          }),
        )}
      </section>`,
  );
}

function appointed(
  { model, since, by, why }: Appointment,
  cards: ReadonlyMap<string, ModelCard>,
): Html {
  const appointment: Entries = [
    ['In force since', formatTime(since)],
    ['Put in force by', by],
    ['Because', why],
  ];
  return card({ model, lineage: cards.get(model.id), appointment });
}

function refusal({ refusedBecause, report }: Candidate): Entries {
  return [
    ['Refused because', refusedBecause ?? null],
    ['Compared in', report === undefined ? null : html`<code class="hash">${report.uri}</code>`],
  ];
}

function card({
  model,
  lineage,
  appointment = [],
  action = null,
}: {
  readonly model: ModelRef;
  /** from the store; absent when it is not there */
  readonly lineage: ModelCard | undefined;
  readonly appointment?: Entries;
  readonly action?: Child;
}): Html {
  const { id, score, estimator, trainedOn, artefact } = model;
  return html`<article class="card" id="model-${id}">
    <h3><code>${id}</code></h3>
    ${facts([
      [METRIC_WORDS[score.name], html`<span class="number">${formatEstimate(score)}</span>`],
      ...appointment,
      ['Estimator', estimator],
      ['Trained on', trainedOn],
      ...(lineage === undefined ? [] : lineageOf(lineage)),
      ['Artefact', html`<code class="hash">${artefact.uri}</code>, ${formatBytes(artefact.bytes)}`],
    ])}
    ${
      lineage === undefined &&
      html`<p class="notice stale">
        The store does not have its card (<code class="hash">${model.card.uri}</code>).
      </p>`
    }
    ${action}
  </article>`;
}
