/** Small pieces that several pages say in the same way. */
import { METRIC_WORDS, type MetricEstimate } from '../../core/models/metrics/evaluation.ts';
import type { BreakerState } from '../../core/breaker.ts';
import type { PipelineMemo, PipelineStatus, RunOutcome } from '../../workflows/contract.ts';
import { formatCount, formatEstimate, formatId, formatMetric, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { OUTCOMES } from '../outcomes.ts';
import type { Stale } from '../known.ts';

export function staleNotice(stale: Stale | null): Child {
  if (stale === null) return null;
  const known =
    stale.asOf === null
      ? 'What the store has published is shown.'
      : html`Shown as it was at ${formatTime(stale.asOf)}.`;
  return html`<p class="notice stale" role="status">${stale.why} ${known}</p>`;
}

export function outcomeBadge(outcome: RunOutcome): Html {
  const { words, tone } = OUTCOMES[outcome];
  return html`<span class="badge ${tone}">${outcomeGlyph(outcome)} ${words}</span>`;
}

/** The mark that charts use for an outcome. */
export function outcomeGlyph(outcome: RunOutcome): Html {
  const { shape, tone } = OUTCOMES[outcome];
  return html`<svg class="glyph ${tone}" viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true">
    <path d="${shape}" />
  </svg>`;
}

export function stateBadge({ state, running }: PipelineStatus): Html {
  const tone = state === 'paused' ? 'warn' : state === 'working' ? 'good' : 'neutral';
  const words =
    state === 'paused'
      ? 'paused'
      : state === 'working'
        ? html`working on ${running?.fileName}`
        : 'waiting for files';
  return html`<span class="badge ${tone}">${words}</span>`;
}

export function breakerWords(breaker: BreakerState): Child {
  switch (breaker.kind) {
    case 'closed':
      return breaker.failures === 0
        ? 'closed'
        : `closed, after ${formatCount(breaker.failures, 'failed retraining')}`;
    case 'half-open':
      return html`<span class="badge warn">half-open</span> the next retraining is a probe`;
    case 'open':
      return html`<span class="badge bad">open</span> until
        ${formatTime(new Date(breaker.until).toISOString())}: ${breaker.reason}`;
  }
}

export function championWords(champion: PipelineMemo['champion']): Child {
  if (champion === null) return 'none yet: the first file with labels trains it';
  const { id, since, score, trainedOn } = champion;
  return html`${formatId(id)} since ${formatTime(since)}<br />
    <span class="muted"
      >${METRIC_WORDS[score.name]} <span class="number">${formatEstimate(score)}</span> when it was
      chosen, trained on ${trainedOn}</span
    >`;
}

/** The value of a metric, and its interval as a piece that does not break, for a cell of a table. */
export function estimateCell({ name, value, low, high }: MetricEstimate): Html {
  return html`${formatMetric(name, value)}
    <span class="muted interval">${formatMetric(name, low)} to ${formatMetric(name, high)}</span>`;
}

/** Terms with what is known of them. */
export type Entries = readonly (readonly [term: string, value: Child])[];

/** Terms with what is known of them; those without anything are left out. */
export function facts(entries: Entries): Html {
  return html`<dl class="facts">
    ${entries.map(
      ([term, value]) =>
        value !== null &&
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A link to elsewhere that says so. */
export function outward(href: string, words: string): Html {
  return html`<a class="outward" href="${href}" rel="noreferrer">${words}</a>`;
}
