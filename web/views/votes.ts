/** How the metrics voted, where a pipeline asks for the rule of CalmOps for Python. */
import { METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { ChampionEvaluation } from '../../workflows/contract.ts';
import { formatMetric } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';

type Degradation = NonNullable<ChampionEvaluation['degradation']>;
type Verdict = Degradation['absolute'];

export function votes({ degradation }: ChampionEvaluation): Child {
  if (degradation === undefined) return null;
  const { absolute, relative } = degradation;
  return html`${verdict('Against its thresholds', absolute)}
  ${relative !== null && verdict('Against the previous model, 30 % worse counting', relative)}`;
}

function verdict(heading: string, { votes: cast, degraded }: Verdict): Html {
  return html`<div class="scroll">
    <table class="plain">
      <caption>
        ${heading}:
        ${degraded ? 'at least half of the metrics vote against the champion' : 'fewer than half of the metrics vote against the champion'}
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="number">on this file</th>
          <th scope="col" class="number">limit</th>
          <th scope="col">vote</th>
        </tr>
      </thead>
      <tbody>
        ${cast.map(
          ({ metric, value, limit, flagged }) =>
            html`<tr>
              <th scope="row">${METRIC_WORDS[metric]}</th>
              <td class="number">${formatMetric(metric, value)}</td>
              <td class="number">${formatMetric(metric, limit)}</td>
              <td>${flagged ? html`<span class="badge warn">against</span>` : 'for'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
