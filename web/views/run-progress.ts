import type { RunProgress } from '../../workflows/contract.ts';
import { elapsedMs, formatBytes, formatDuration, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { ACTION_WORDS } from '../outcomes.ts';
import type { RunView } from '../queries.ts';
import type { ActivityProgress } from '../temporal.ts';
import { troubleWords } from './trouble.ts';
import { facts, outward } from './words.ts';

type Running = Extract<RunView, { kind: 'running' }>;

/** A run that is under way: its stages, and how far the one at work has come. */
export function progressSection({ progress, activities }: Running, temporal: string): Html {
  const { stages, finished, decision } = progress;
  return html`<section class="card" aria-label="Progress">
      <ol class="stages">
        ${stages.map(({ stage, startedAt }, i) => {
          const next = stages[i + 1];
          return next === undefined && !finished
            ? html`<li class="now" aria-current="step">
                <strong>${stage}</strong> under way since ${formatTime(startedAt)}
                ${activities.map(activity)}
              </li>`
            : html`<li>
                <strong>${stage}</strong> done${
                  next !== undefined &&
                  ` in ${formatDuration(elapsedMs(startedAt, next.startedAt))}`
                }
              </li>`;
        })}
        ${stages.length === 0 && html`<li class="now">waits for a worker</li>`}
      </ol>
      ${
        decision !== null &&
        html`<p class="lead">
          <strong>${ACTION_WORDS[decision.action]}:</strong> ${decision.reason}
        </p>`
      }
    </section>
    <section aria-labelledby="facts-heading">
      <h2 id="facts-heading">The file</h2>
      ${facts([...fileFacts(progress), ['Workflow', outward(temporal, 'in Temporal')]])}
    </section>`;
}

function activity(progress: ActivityProgress): Html {
  const { type, state, done, note } = progress;
  const words = ACTIVITY_WORDS[type] ?? type;
  return html`<div class="activity">
    ${
      state === 'waiting'
        ? html`<span>${words}: ${waitsFor(progress)}</span>`
        : done === null
          ? html`<span>${words}: at work</span>`
          : html`<label
              >${words} <progress max="1" value="${done}">${percent(done)}</progress>
              <span class="number">${percent(done)}</span></label
            >`
    }
    ${note !== null && html`<span class="muted">${note}</span>`} ${retried(progress)}
  </div>`;
}

function waitsFor({ attempt, nextAttemptAt }: ActivityProgress): Child {
  return attempt > 1 && nextAttemptAt !== null
    ? html`is tried again at ${formatTime(nextAttemptAt)}`
    : 'waits for a compute worker';
}

/** What was wrong with the attempt before, what to do about it, and that nobody has to start it again. */
function retried({ attempt, lastFailure }: ActivityProgress): Child {
  if (attempt === 1) return null;
  return html`<span class="notice stale"
    >Attempt
    ${attempt}${
      lastFailure !== null &&
      html`; the one before ended with: ${lastFailure}<br />${troubleWords(lastFailure)}`
    }</span
  >`;
}

/** Whole per cent: a decimal would only flicker. */
const percent = (done: number): string => `${String(Math.floor(done * 100))} %`;

const ACTIVITY_WORDS: Readonly<Record<string, string>> = {
  ingest: 'Reading the file',
  examine: 'Detecting drift and scoring the champion',
  train: 'Training',
  compareModels: 'Comparing with the champion',
  compareOnFiles: 'Comparing the challenger in shadow with the champion',
  scorePredictions: 'Scoring what was predicted',
  predict: 'Predicting',
  notify: 'Running the notify hook',
  publish: 'Publishing the report',
};

function fileFacts({ file, startedAt }: RunProgress): (readonly [string, Child])[] {
  return [
    ['Arrived', formatTime(file.arrivedAt)],
    ['Started', formatTime(startedAt)],
    ['Size', formatBytes(file.bytes)],
    ['Read from', html`<code>${file.path}</code>`],
    ['sha256', html`<code class="hash">${file.sha256}</code>`],
  ];
}
