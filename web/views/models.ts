import { METRIC_NAMES, METRIC_WORDS } from '../../core/models/evaluation.ts';
import type { Appointment, ModelRef } from '../../workflows/contract.ts';
import type { CommandName } from '../commands.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatMetric,
  formatNumber,
  formatTime,
} from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { partPath, modelsPath, pipelinePath } from '../paths.ts';
import type { Known, ModelsView } from '../queries.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { commandForm, doneNotice, type FailedForm } from './command-form.ts';
import { livePart, type Page } from './layout.ts';
import { facts, staleNotice } from './words.ts';

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

type Entries = readonly (readonly [term: string, value: Child])[];

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

function lineageOf(lineage: ModelCard): Entries {
  const { parent, trainedOn, features, target, mode, seed, codeVersion, createdAt } = lineage;
  const metrics = METRIC_NAMES.flatMap((name) => {
    const value = lineage.baseline.metrics[name];
    return value === undefined ? [] : [`${METRIC_WORDS[name]} ${formatMetric(name, value)}`];
  });
  const seconds = lineage.trainingSeconds;
  return [
    [
      'Rows',
      `${formatNumber(trainedOn.rows)} to learn from, ${formatNumber(trainedOn.holdoutRows)} held out to score it`,
    ],
    ['Scores', metrics.join(', ')],
    ['Parent', parent === null ? 'none: a first model' : html`<code>${parent}</code>`],
    [
      'Made',
      html`${formatTime(createdAt)}, mode ${mode}, seed
      ${String(seed)}${seconds !== undefined && `, in ${formatDuration(seconds * 1000)}`}`,
    ],
    ['Code', html`<code>${codeVersion}</code>`],
    ['Predicts', html`<code>${target}</code> (${lineage.task})`],
    [
      'From',
      html`<details>
        <summary>${formatCount(features.length, 'feature')}</summary>
        ${features.map(({ name, kind }, i) => html`${i > 0 && ', '}<code>${name}</code> (${kind})`)}
      </details>`,
    ],
    ['Data', html`<code class="hash">${trainedOn.dataset.uri}</code>`],
  ];
}
