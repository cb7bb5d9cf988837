import {
  RERUNNABLE_OUTCOMES,
  type RunOutcome,
  type RunReport,
  type RunSummary,
} from '../../workflows/contract.ts';
import type { CommandName } from '../commands.ts';
import {
  elapsedMs,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatTime,
} from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { ACTION_WORDS } from '../outcomes.ts';
import { modelsPath, partPath, pipelinePath, runFilePath, runPath } from '../paths.ts';
import type { RunView } from '../queries.ts';
import { estimateSection } from './estimate.ts';
import { commandForm, doneNotice, type FailedForm } from './command-form.ts';
import { driftSection } from './drift-section.ts';
import { lateLabelsSection, laterSection } from './late-labels.ts';
import { livePart, type Page } from './layout.ts';
import { performanceSection } from './performance.ts';
import { progressSection } from './run-progress.ts';
import { facts, outcomeBadge, outward, staleNotice } from './words.ts';
import type { RunModel } from './run-model.ts';

const POLL_SECONDS = 2;

export function runPage(
  model: RunModel,
  { done, failed }: { readonly done: CommandName | null; readonly failed: FailedForm | null },
): Page {
  const { pipeline } = model.id;
  const name = fileName(model.run.value);
  return {
    title: `${name} in ${pipeline}`,
    trail: [
      { name: 'Pipelines', path: '/' },
      { name: pipeline, path: pipelinePath(pipeline) },
    ],
    body: html`<h1>${name}</h1>
      ${doneNotice(done)} ${runPart(model)} ${again(model, failed)}`,
  };
}

/** The whole of a run. It asks for itself again until the run has its outcome. */
export function runPart(model: RunModel): Html {
  const { id, run, sort } = model;
  const live = run.value.kind === 'running' || run.value.kind === 'queued';
  const path = partPath(`${runPath(id.pipeline, id)}?sort=${sort}`);
  return livePart(
    { id: 'run', path, everySeconds: live ? POLL_SECONDS : null },
    html`${staleNotice(run.stale)} ${content(model)}`,
  );
}

function content(model: RunModel): Child {
  const view = model.run.value;
  switch (view.kind) {
    case 'queued':
      return html`<section class="card">
        <p>
          <span class="badge neutral">queued</span> ${
            view.ahead === 0
              ? 'It is next.'
              : `${formatCount(view.ahead, 'file')} ${view.ahead === 1 ? 'comes' : 'come'} before it.`
          }
        </p>
      </section>`;
    case 'running':
      return progressSection(view, model.temporal);
    case 'ended':
      return html`${verdict(view.summary)} ${summaryFacts(view.summary, model.temporal)}`;
    case 'lost':
      return html`<p class="notice bad" role="status">${view.why}</p>
        ${
          view.summary !== null &&
          html`${verdict(view.summary)} ${summaryFacts(view.summary, model.temporal)}`
        }`;
    case 'finished':
      return finished(model, view);
  }
}

function finished(model: RunModel, view: Extract<RunView, { kind: 'finished' }>): Html {
  const { report, drift } = view;
  return html`${view.from === 'workflow' && notStored()} ${verdict(report.summary, report)}
  ${performanceSection(report, model.charts)} ${estimateSection(report)}
  ${laterSection(report, view.later)} ${lateLabelsSection(report)}
  ${
    report.drift !== null &&
    driftSection({ run: model.id, summary: report.drift, drift, sort: model.sort })
  }
  ${reportFacts(report, model.temporal)}`;
}

function notStored(): Html {
  return html`<p class="notice stale" role="status">
    The store does not have the report of this run: it is shown as its workflow tells it, for as
    long as Temporal keeps that. Look whether the worker and this dashboard use the same store.
  </p>`;
}

function verdict(summary: RunSummary, report: RunReport | null = null): Html {
  const decision = report?.decision ?? null;
  const failure = report?.failure ?? null;
  return html`<section class="card verdict" aria-label="Outcome">
    <p class="outcome">${outcomeBadge(summary.outcome)}</p>
    <p class="lead">${summary.reason}</p>
    ${
      decision !== null &&
      html`<p>
        <strong>Decision:</strong> ${ACTION_WORDS[decision.action]}.
        ${!summary.reason.startsWith(decision.reason) && decision.reason}
      </p>`
    }
    ${
      failure !== null &&
      html`<p class="notice bad">
        <strong>${FAILURE_WORDS[failure.type] ?? failure.type}:</strong> ${failure.message}
      </p>`
    }
    ${
      RERUNNABLE_OUTCOMES.has(summary.outcome) &&
      html`<p class="muted">${remedy(summary.outcome, failure?.type)}</p>`
    }
  </section>`;
}

/** What a person can do about a run that did not come to a true end. */
function remedy(outcome: RunOutcome, failure: string | undefined): string {
  if (outcome === 'gone') return 'It is run as soon as it is there again.';
  if (outcome !== 'invalid') {
    return 'When what was wrong is mended, process the file again below, or drop it again.';
  }
  const kept = 'The file is kept and nothing else was changed by it.';
  return failure === undefined || FAILURES_OF_FILES.has(failure)
    ? `${kept} Mend it and drop it again: as its content is then another, it counts as a new file.`
    : `${kept} Mend the pipeline, then process the file again below.`;
}

const FAILURES_OF_FILES = new Set(['InvalidDataset', 'SchemaMismatch', 'NotEnoughData']);

const FAILURE_WORDS: Readonly<Record<string, string>> = {
  InvalidDataset: 'The file cannot be read',
  DatasetGone: 'The file was not there any more',
  InfrastructureError: 'The machine was at fault, not the file',
  DamagedModel: 'A model is damaged',
  WorkerShutdown: 'The worker was stopped',
  TimeoutFailure: 'It was not done in time',
  SchemaMismatch: 'The columns do not fit the model',
  InvalidPipeline: 'The pipeline’s configuration is wrong',
  NotEnoughData: 'There are too few rows to train on',
  NotEnoughMemory: 'Training would take more memory than is allowed',
  HookFailed: 'A hook of the pipeline failed',
};

function summaryFacts(summary: RunSummary, temporal: string): Html {
  return html`<section aria-labelledby="facts-heading">
    <h2 id="facts-heading">The file</h2>
    ${facts([...fileFacts(summary), ['Workflow', outward(temporal, 'in Temporal')]])}
  </section>`;
}

function reportFacts(
  { pipeline, summary, dataset, drift, challenger }: RunReport,
  temporal: string,
): Html {
  return html`<section aria-labelledby="facts-heading">
    <h2 id="facts-heading">The file</h2>
    ${facts([
      ...fileFacts(summary),
      [
        'Rows and columns',
        dataset === null
          ? null
          : `${formatNumber(dataset.rows)} rows, ${formatNumber(dataset.columns)} columns, ${dataset.labelled ? 'with labels' : 'without labels'}`,
      ],
      ['How it was read', dataset?.notes === undefined ? null : list(dataset.notes)],
      ['Task', dataset === null ? null : `${dataset.task ?? 'unknown'} (${dataset.taskReason})`],
      [
        'In force afterwards',
        summary.championId === null ? null : modelLink(pipeline, summary.championId),
      ],
      ['Challenger', challenger === null ? null : modelLink(pipeline, challenger.id)],
      [
        'Report',
        html`<a href="${runFilePath(pipeline, summary, 'report')}" download>the whole run as JSON</a
          >${
            drift !== null &&
            html`,
              <a href="${runFilePath(pipeline, summary, 'drift')}" download
                >all numbers of drift</a
              >`
          }`,
      ],
      ['Workflow', outward(temporal, 'in Temporal')],
    ])}
  </section>`;
}

const list = (sentences: readonly string[]): Html =>
  html`<ul>
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`;

/** On the page of models it is found as long as it is the champion, the one before, or a candidate. */
const modelLink = (pipeline: string, id: string): Html =>
  html`<a href="${modelsPath(pipeline)}#model-${id}"><code>${id}</code></a>`;

function fileFacts(summary: RunSummary): (readonly [string, Child])[] {
  const { arrivedAt, finishedAt, bytes, sha256, sequence } = summary;
  return [
    ['Place in the order', `number ${formatNumber(sequence)}`],
    ['Arrived', formatTime(arrivedAt)],
    [
      'Finished',
      html`${formatTime(finishedAt)}, ${formatDuration(elapsedMs(arrivedAt, finishedAt))} after it
      arrived`,
    ],
    ['Size', formatBytes(bytes)],
    ['Read from', html`<code>${summary.path}</code>`],
    ['sha256', html`<code class="hash">${sha256}</code>`],
  ];
}

/** Once it has ended, the file may be run again. */
function again({ id, run }: RunModel, failed: FailedForm | null): Child {
  const view = run.value;
  if (view.kind === 'queued' || view.kind === 'running') return null;
  return html`<section class="commands" aria-label="Actions">
    ${commandForm({
      pipeline: id.pipeline,
      command: 'reprocess',
      label: 'Process it again',
      hint: 'Meets the champion that is in force now, and gets a report of its own.',
      seen: '',
      about: { field: 'sha256', value: id.sha256 },
      failed,
    })}
  </section>`;
}

function fileName(view: RunView): string {
  switch (view.kind) {
    case 'queued':
      return view.fileName;
    case 'running':
      return view.progress.file.name;
    case 'ended':
      return view.summary.fileName;
    case 'lost':
      return view.summary?.fileName ?? 'A run without a report';
    case 'finished':
      return view.report.file.name;
  }
}
