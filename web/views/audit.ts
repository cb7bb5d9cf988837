/** What people did, with who and why. */
import type { AuditEntry } from '../../workflows/contract.ts';
import { formatTime } from '../format.ts';
import { html, type Html } from '../html.ts';
import { runOfReport, runPath } from '../paths.ts';

const WORDS: Readonly<Record<AuditEntry['action'], string>> = {
  pause: 'paused',
  resume: 'resumed',
  retrain: 'asked for a retraining',
  promote: 'promoted a candidate',
  dropShadow: 'ended the time of a challenger beside the champion',
  rollback: 'rolled back',
  resetBreaker: 'reset the breaker',
  configure: 'changed the configuration',
  reprocess: 'had a file processed again',
  fallBack: 'put a sound model in the place of a damaged one',
  takeUp: 'went on from what the store has',
  importModel: 'imported a model',
  retire: 'retired the pipeline',
};

/** @param none said where nobody did anything */
export function auditList(entries: readonly AuditEntry[], none: string): Html {
  if (entries.length === 0) return html`<p class="muted">${none}</p>`;
  return html`<ol class="audit">
    ${entries.map(
      (entry) =>
        html`<li>
          ${formatTime(entry.at)} <strong>${entry.by}</strong> ${WORDS[entry.action]}: ${entry.why}
          <span class="muted">(${entry.detail})</span> ${evidence(entry)}
        </li>`,
    )}
  </ol>`;
}

function evidence({ report }: AuditEntry): Html | null {
  const run = report === undefined ? null : runOfReport(report.uri);
  return run === null
    ? null
    : html`<a href="${runPath(run.pipeline, run)}">the run that had refused it</a>`;
}
