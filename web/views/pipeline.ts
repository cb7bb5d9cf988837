import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type {
  Appointment,
  AuditEntry,
  PipelineStatus,
  RunSummary,
  Sequel,
} from '../../workflows/contract.ts';
import { formatCount, formatId, formatNumber, formatScore, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { OUTCOMES } from '../outcomes.ts';
import { modelsPath, partPath, pipelinePath, runPath } from '../paths.ts';
import type { Known } from '../known.ts';
import type { PipelineListing, RunsView } from '../queries.ts';
import { metricOf } from '../sequels.ts';
import { auditList } from './audit.ts';
import { commandForm, doneNotice, type CommandForm, type FailedForm } from './command-form.ts';
import { livePart, type Page } from './layout.ts';
import {
  breakerWords,
  championWords,
  estimateCell,
  facts,
  outcomeBadge,
  outcomeGlyph,
  outward,
  staleNotice,
  stateBadge,
} from './words.ts';
import type { CommandName } from '../commands.ts';

const POLL_SECONDS = 3;
/** Queued files that are named: those behind them matter later. */
const NEXT_SHOWN = 5;

export interface PipelineModel {
  readonly pipeline: Known<PipelineListing>;
  readonly name: string;
  readonly runs: Known<RunsView>;
  /** the same timeline for wide and for narrow screens */
  readonly charts: { readonly wide: Html; readonly narrow: Html };
  /** of its workflow in the Temporal UI */
  readonly temporal: string;
  readonly done: CommandName | null;
  readonly failed: FailedForm | null;
}

export function pipelinePage(model: PipelineModel): Page {
  const { name, status } = model.pipeline.value;
  return {
    title: name,
    trail: [{ name: 'Pipelines', path: '/' }],
    body: html`<h1>${name}</h1>
      ${
        status !== null &&
        status.config.description !== '' &&
        html`<p class="lead">${status.config.description}</p>`
      }
      ${doneNotice(model.done)} ${pipelineStatusPart(model.pipeline)}
      <p class="links">
        <a href="${modelsPath(name)}">Models</a> ${outward(model.temporal, 'Workflow in Temporal')}
      </p>
      ${status !== null && commands(name, status, model.failed)} ${pipelineRunsPart(model)}
      ${status !== null && audit(status.audit)}`,
  };
}

export function pipelineStatusPart({
  value: { name, status },
  stale,
}: Known<PipelineListing>): Html {
  const path = partPath(`${pipelinePath(name)}/status`);
  return livePart(
    { id: 'status', path, everySeconds: POLL_SECONDS },
    html`${staleNotice(stale)}
    ${
      status !== null &&
      html`<section class="card" aria-label="State">
        ${facts([
          ['State', state(status)],
          ['Champion', inForce(status.champion)],
          ['Previous', status.previous === null ? 'none' : inForce(status.previous)],
          ['In shadow', shadow(status)],
          ['Cool-down', status.coolDown?.words ?? null],
          ['Breaker', breakerWords(status.breaker)],
          ['Queue', queue(status)],
          ['Watches', html`<code>${status.config.files.folder}/${status.config.files.glob}</code>`],
          ['Predicts', html`<code>${status.config.target}</code>`],
        ])}
      </section>`
    }`,
  );
}

function state(status: PipelineStatus): Child {
  const { paused, running } = status;
  const file =
    running === null
      ? undefined
      : /^dataset\/[^/]+\/([0-9a-f]{64})(?:\/(\d+))?$/.exec(running.workflowId);
  const sha256 = file?.[1];
  return html`${stateBadge(status)}
  ${
    running !== null &&
    sha256 !== undefined &&
    html`<a href="${runPath(status.config.name, { sha256, revision: Number(file?.[2] ?? 0) })}"
      >follow it</a
    >`
  }
  ${
    paused !== null &&
    html`by ${paused.by} since ${formatTime(paused.at)}<br /><span class="reason"
        >${paused.why}</span
      >`
  }`;
}

function inForce(appointment: Appointment | null): Child {
  if (appointment === null) return championWords(null);
  const { since, model } = appointment;
  return championWords({ ...model, since });
}

function shadow({ config, shadow: running }: PipelineStatus): Child {
  if (running === undefined || running === null) return null;
  const { model, filesSeen, files, comparison } = running;
  return html`<a href="${modelsPath(config.name)}#model-${model.id}">${formatId(model.id)}</a>,
    trained on ${model.trainedOn}: seen ${formatNumber(filesSeen)} of
    ${formatCount(files, 'file')}${comparison !== null && html`<br /><span class="reason">${comparison.reason}</span>`}`;
}

function queue({ config, queued, next }: PipelineStatus): Child {
  if (queued === 0) return 'empty';
  const shown = next.slice(0, NEXT_SHOWN);
  const more = queued - shown.length;
  return html`<ol class="queue">
    ${shown.map(
      ({ fileName, sha256 }) =>
        html`<li><a href="${runPath(config.name, { sha256, revision: 0 })}">${fileName}</a></li>`,
    )}
    ${more > 0 && html`<li class="muted">and ${formatNumber(more)} more</li>`}
  </ol>`;
}

function commands(pipeline: string, status: PipelineStatus, failed: FailedForm | null): Html {
  const seen = status.audit[0]?.at ?? '';
  const form = (command: CommandName, label: string, hint: string): Html => {
    const fields: CommandForm = { pipeline, command, label, hint, seen, failed };
    return commandForm(fields);
  };
  return html`<section class="commands" aria-label="Actions">
    ${
      status.paused === null
        ? form(
            'pause',
            'Pause',
            'Files that arrive wait in the queue; the one under way is finished.',
          )
        : form('resume', 'Resume', 'The files in the queue are processed in their order.')
    }
    ${
      status.last !== null &&
      form(
        'retrain',
        'Retrain',
        'Trains a challenger on the newest file whatever the numbers say. The gate still decides.',
      )
    }
    ${
      status.previous !== null &&
      form(
        'rollback',
        'Roll back',
        `Puts the previous model, trained on ${status.previous.model.trainedOn}, in force again.`,
      )
    }
    ${
      (status.breaker.kind !== 'closed' || status.breaker.failures > 0) &&
      form(
        'resetBreaker',
        'Reset the breaker',
        'Forgets the failed retrainings, so that the next one may begin.',
      )
    }
  </section>`;
}

export function pipelineRunsPart({
  name,
  runs: known,
  charts,
}: Pick<PipelineModel, 'name' | 'runs' | 'charts'>): Html {
  const { value: runs, stale } = known;
  const path = partPath(`${pipelinePath(name)}/runs?page=${String(runs.page)}`);
  return livePart(
    { id: 'runs', path, everySeconds: POLL_SECONDS },
    html`<section aria-labelledby="runs-heading">
      <h2 id="runs-heading">Runs</h2>
      ${staleNotice(stale)}
      ${
        runs.timeline.length === 0
          ? html`<p>No file has been processed yet. Drop one into the watched folder.</p>`
          : html`<figure class="timeline">
                <div class="wide">${charts.wide}</div>
                <div class="narrow">${charts.narrow}</div>
                <figcaption>${legend(runs.timeline)}</figcaption>
              </figure>
              ${runsTable(name, runs)} ${pager(name, runs)}`
      }
    </section>`,
  );
}

function legend(timeline: readonly RunSummary[]): Html {
  const occurring = [...new Set(timeline.map(({ outcome }) => outcome))];
  return html`<ul class="legend">
    ${occurring.map(
      (outcome) => html`<li>${outcomeGlyph(outcome)} ${OUTCOMES[outcome].words}</li>`,
    )}
    <li><span class="dash" aria-hidden="true"></span> change of champion</li>
  </ul>`;
}

function runsTable(pipeline: string, { runs }: RunsView): Html {
  const metric = runs.map(metricOf).find((each) => each !== null)?.name;
  return html`<table class="stack runs" aria-label="Runs, newest first">
    <thead>
      <tr>
        <th scope="col" class="number">#</th>
        <th scope="col">File</th>
        <th scope="col">Outcome</th>
        <th scope="col" class="number">Drift</th>
        <th scope="col" class="number">
          ${metric === undefined ? 'Metric' : METRIC_WORDS[metric]}
        </th>
        <th scope="col">Finished</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map((run) => runRow(pipeline, run))}
    </tbody>
  </table>`;
}

function runRow(pipeline: string, run: RunSummary): Html {
  const { driftScore, sequel } = run;
  const metric = metricOf(run);
  return html`<tr id="run-${run.sequence}">
    <td class="number" data-label="Number">${run.sequence}</td>
    <th scope="row">
      <a href="${runPath(pipeline, run)}">${run.fileName}</a>
      ${run.revision > 0 && html`<span class="muted">repetition ${run.revision}</span>`}
    </th>
    <td data-label="Outcome">
      ${outcomeBadge(run.outcome)}<br /><span class="reason">${run.reason}</span>
      ${sequel !== undefined && sequelWords(pipeline, sequel)}
    </td>
    <td class="number" data-label="Drift">
      ${driftScore === null ? '–' : formatScore(driftScore)}
      ${driftScore !== null && driftScore >= 1 && html`<span class="muted">material</span>`}
    </td>
    <td class="number" data-label="${metric === null ? 'Metric' : METRIC_WORDS[metric.name]}">
      ${metric === null ? '–' : estimateCell(metric)}
    </td>
    <td data-label="Finished">${formatTime(run.finishedAt)}</td>
  </tr>`;
}

/** What became known later, with the run that tells it; a metric in the same row is then by those labels. */
function sequelWords(pipeline: string, { kind, by, at }: Sequel): Html {
  return html`<br /><span class="muted"
      >${kind === 'labelled' ? 'scored by labels in' : 'joined to'}
      <a href="${runPath(pipeline, by)}">${by.fileName}</a>, ${formatTime(at)}</span
    >`;
}

function pager(pipeline: string, { page, pages }: RunsView): Child {
  if (pages === 1) return null;
  const to = (target: number): string => `${pipelinePath(pipeline)}?page=${String(target)}#runs`;
  return html`<nav class="pager" aria-label="Pages of runs">
    ${page > 0 ? html`<a href="${to(page - 1)}" rel="prev">Newer</a>` : html`<span></span>`}
    <span>Page ${page + 1} of ${pages}</span>
    ${page < pages - 1 ? html`<a href="${to(page + 1)}" rel="next">Older</a>` : html`<span></span>`}
  </nav>`;
}

function audit(entries: readonly AuditEntry[]): Html {
  return html`<section aria-labelledby="audit-heading">
    <h2 id="audit-heading">What people did</h2>
    ${auditList(entries, 'Nobody has done anything by hand yet.')}
  </section>`;
}
