import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { Appointment, Candidate, ModelRef } from '../../workflows/contract.ts';
import type { CommandName } from '../commands.ts';
import { formatCount, formatEstimate, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import type { Known } from '../known.ts';
import { partPath, modelsPath, pipelinePath, runOfReport, runPath } from '../paths.ts';
import type { ModelsView } from '../query-models.ts';
import { auditList } from './audit.ts';
import { commandForm, doneNotice, type FailedForm } from './command-form.ts';
import { livePart, type Page } from './layout.ts';
import { modelCard } from './model-card.ts';
import { shadowEntries, shadowScores } from './shadow.ts';
import { staleNotice, type Entries } from './words.ts';

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

export function modelsPart(model: ModelsModel): Html {
  const { pipeline, models } = model;
  const { champion, previous } = models.value;
  const path = partPath(modelsPath(pipeline));
  return livePart(
    { id: 'models', path, everySeconds: POLL_SECONDS },
    html`${staleNotice(models.stale)}
      <section aria-labelledby="champion-heading">
        <h2 id="champion-heading">Champion</h2>
        ${
          champion === null
            ? html`<p>None yet: the first file with labels trains it.</p>`
            : appointed(model, champion)
        }
      </section>
      ${shadowSection(model)}
      <section aria-labelledby="previous-heading">
        <h2 id="previous-heading">Previous</h2>
        ${
          previous === null
            ? html`<p class="muted">
                ${
                  champion === null
                    ? 'None.'
                    : 'The champion is the first; there is none before it.'
                }
              </p>`
            : appointed(model, previous)
        }
      </section>
      ${candidatesSection(model)}
      <section aria-labelledby="audit-heading">
        <h2 id="audit-heading">Changed by hand</h2>
        ${auditList(models.value.audit, 'Nobody has changed the models by hand.')}
      </section>`,
  );
}

function appointed(
  { pipeline, models }: ModelsModel,
  { model, since, by, why }: Appointment,
): Html {
  const appointment: Entries = [
    ['In force since', formatTime(since)],
    ['Put in force by', by],
    ['Because', why],
  ];
  return modelCard({ pipeline, model, lineage: models.value.cards.get(model.id), appointment });
}

function shadowSection({ pipeline, models, failed }: ModelsModel): Child {
  const { shadow, cards, champion } = models.value;
  if (shadow === null || shadow === undefined) return null;
  const { model } = shadow;
  return html`<section aria-labelledby="shadow-heading">
    <h2 id="shadow-heading">Challenger in shadow</h2>
    ${shadowScores(shadow)}
    ${modelCard({
      pipeline,
      model,
      lineage: cards.get(model.id),
      appointment: shadowEntries(shadow),
      actions: html`${promotion(
        { pipeline, model, failed, seen: champion?.since ?? '' },
        'It becomes the champion before the gate has decided; the champion of now becomes the previous one.',
      )}
      ${commandForm({
        pipeline,
        command: 'dropShadow',
        label: 'End its time beside the champion',
        hint: 'It is compared on no further file, and kept as a candidate; retraining need not wait for it.',
        seen: shadow.since,
        about: { field: 'modelId', value: model.id },
        failed,
      })}`,
    })}
  </section>`;
}

function candidatesSection({ pipeline, models, failed }: ModelsModel): Html {
  const { candidates, cards, champion } = models.value;
  return html`<section aria-labelledby="candidates-heading">
    <h2 id="candidates-heading">Candidates</h2>
    <p class="muted">
      Challengers that were not put in force, kept for study, newest first. A person may promote
      one.
    </p>
    ${candidates.length === 0 && html`<p>None.</p>`}
    ${candidates.map((model) =>
      modelCard({
        pipeline,
        model,
        lineage: cards.get(model.id),
        appointment: gateReport(model, models.value),
        actions: promotion(
          { pipeline, model, failed, seen: champion?.since ?? '' },
          'It becomes the champion although the gate refused it; the champion of now becomes the previous one.',
        ),
      }),
    )}
  </section>`;
}

function promotion(
  about: {
    readonly pipeline: string;
    readonly model: ModelRef;
    readonly failed: FailedForm | null;
    readonly seen: string;
  },
  hint: string,
): Html {
  const { pipeline, model, failed, seen } = about;
  return commandForm({
    pipeline,
    command: 'promote',
    label: 'Promote',
    hint,
    seen,
    about: { field: 'modelId', value: model.id },
    failed,
  });
}

/** Why it is not in force, what the gate measured, and where the whole of it is told. */
function gateReport(
  { id, refusedBecause, report }: Candidate,
  { comparisons }: ModelsView,
): Entries {
  const comparison = comparisons.get(id);
  const run = report === undefined ? null : runOfReport(report.uri);
  return [
    ['Not in force because', refusedBecause ?? null],
    [
      'Gate',
      comparison === undefined
        ? null
        : html`${METRIC_WORDS[comparison.metric]}
            <span class="number">${formatEstimate(comparison.challenger)}</span> against
            <span class="number">${formatEstimate(comparison.champion)}</span> of the champion on
            the same ${formatCount(comparison.rows, 'row')}; gain
            <span class="number"
              >${formatEstimate({ name: comparison.metric, ...comparison.gain })}</span
            >`,
    ],
    [
      'Evidence',
      run === null
        ? null
        : html`<a href="${runPath(run.pipeline, run)}">the run that compared it</a>`,
    ],
  ];
}
