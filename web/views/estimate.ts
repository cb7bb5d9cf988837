/** What the champion would score on a file without labels, by estimate. */
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import { isEstimated, type EstimatedPerformance } from '../../core/drift/label-free/estimate.ts';
import type { RunReport } from '../../workflows/contract.ts';
import { formatCount, formatEstimate, formatMetric, formatPValue } from '../format.ts';
import { html, type Child } from '../html.ts';

const METHODS: Readonly<Record<EstimatedPerformance['method'], string>> = {
  CBPE: 'from the champion’s calibrated probabilities (CBPE)',
  DLE: 'by a model of the champion’s losses (DLE)',
};

export function estimateSection({ estimated }: RunReport): Child {
  if (estimated === undefined || estimated === null) return null;
  if (!isEstimated(estimated)) {
    return html`<section aria-labelledby="estimate-heading">
      <h2 id="estimate-heading">The champion on this file is not estimated</h2>
      <p>
        The file has no labels, and how well the champion does on it could not be estimated:
        ${estimated.reason}.
      </p>
    </section>`;
  }
  const { method, rows, metric, baseline, drop, pValue } = estimated;
  const change =
    drop === 0
      ? 'the same as'
      : `${formatMetric(metric.name, Math.abs(drop))} ${drop > 0 ? 'worse' : 'better'} than`;
  return html`<section aria-labelledby="estimate-heading">
    <h2 id="estimate-heading">The champion on this file, estimated</h2>
    <p>
      The file has no labels. On its ${formatCount(rows, 'row')} the ${METRIC_WORDS[metric.name]} is
      estimated at <strong class="number">${formatEstimate(metric)}</strong>, ${change} the
      ${formatMetric(metric.name, baseline)} on the rows held out when the champion was trained
      (one-sided p of larger losses: ${formatPValue(pValue)}).
    </p>
    <p class="muted">
      Estimated ${METHODS[method]}. It sees changes of the inputs, not of how outcomes follow from
      them: only labels show that.
    </p>
  </section>`;
}
