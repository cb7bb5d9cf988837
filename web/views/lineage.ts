/** Where a model comes from, and what it is made of, from its card. */
import { METRIC_NAMES, METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { ModelCard } from '../../store/model-card.ts';
import { formatCount, formatDuration, formatMetric, formatNumber, formatTime } from '../format.ts';
import { html, type Child } from '../html.ts';
import type { Entries } from './words.ts';

export function lineageOf(lineage: ModelCard): Entries {
  const { parent, trainedOn, features, target, mode, seed, codeVersion, createdAt } = lineage;
  const metrics = METRIC_NAMES.flatMap((name) => {
    const value = lineage.baseline.metrics[name];
    return value === undefined ? [] : [`${METRIC_WORDS[name]} ${formatMetric(name, value)}`];
  });
  const seconds = lineage.trainingSeconds;
  return [
    ['Rows', rows(lineage)],
    ['Imported from', imported(lineage)],
    ['Scores', metrics.join(', ')],
    ['Out of bag', outOfBag(lineage)],
    ['Most important', importances(lineage)],
    ['Parent', parent === null ? 'none: a first model' : html`<code>${parent}</code>`],
    [
      'Made',
      html`${formatTime(createdAt)}, mode ${mode}, seed
      ${String(seed)}${seconds !== undefined && `, in ${formatDuration(seconds * 1000)}`}`,
    ],
    ['How', notes(lineage)],
    ['Not learned from', leftOut(lineage)],
    ['Modes tried', modesTried(lineage)],
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

function rows({
  trainedOn: { rows: learned, holdoutRows, fileName },
  imported: from,
}: ModelCard): string {
  return from === undefined
    ? `${formatNumber(learned)} to learn from, ${formatNumber(holdoutRows)} held out to score it`
    : `${formatNumber(holdoutRows)} of ${fileName} to score it; it learned elsewhere`;
}

function imported({ imported: from }: ModelCard): Child {
  if (from === undefined) return null;
  return html`${from.fileName}, sha256 <code class="hash">${from.sha256}</code>`;
}

function outOfBag({ oobScore, task }: ModelCard): Child {
  if (oobScore === undefined) return null;
  const name = task === 'classification' ? 'accuracy' : 'r2';
  return `${METRIC_WORDS[name]} ${formatMetric(name, oobScore)} on the training rows, each by the trees that did not see it`;
}

/** Columns that a page names. */
const NAMED_COLUMNS = 50;

function leftOut({ leftOut: columns }: ModelCard): Child {
  if (columns === undefined) return null;
  const named = columns.slice(0, NAMED_COLUMNS);
  return html`<ul>
    ${named.map(({ name, why }) => html`<li><code>${name}</code> ${why}</li>`)}
    ${columns.length > named.length && html`<li>and ${columns.length - named.length} more</li>`}
  </ul>`;
}

function notes({ notes: said }: ModelCard): Child {
  if (said === undefined || said.length === 0) return null;
  return said.length === 1
    ? said[0]
    : html`<ul>
        ${said.map((each) => html`<li>${each}</li>`)}
      </ul>`;
}

/** How the modes did on the last files, where one was chosen. */
function modesTried({ modesTried: tried }: ModelCard): Child {
  if (tried === undefined) return null;
  const { metric, scores, leftOut } = tried;
  return html`<details>
    <summary>${formatCount(scores.length, 'mode')}, by ${METRIC_WORDS[metric]}</summary>
    <ul>
      ${scores.map(
        ({ mode, value, behind, standardError }) =>
          html`<li>
            ${mode} <span class="number">${formatMetric(metric, value)}</span>, behind the best by
            ${formatMetric(metric, behind)} ± ${formatMetric(metric, standardError)}
          </li>`,
      )}
      ${leftOut.map(({ mode, reason }) => html`<li class="muted">${mode}: ${reason}</li>`)}
    </ul>
  </details>`;
}

const IMPORTANT_SHOWN = 5;

function importances({ importances: all, score }: ModelCard): Child {
  if (all === undefined || all.length === 0) return null;
  return html`<details>
    <summary>
      ${all
        .slice(0, IMPORTANT_SHOWN)
        .map(({ feature }, i) => html`${i > 0 && ', '}<code>${feature}</code>`)}
    </summary>
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Feature</th>
          <th scope="col" class="number">share of the gain</th>
          <th scope="col" class="number">${METRIC_WORDS[score.name]} lost without it</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ feature, gain, permutation }) =>
            html`<tr>
              <th scope="row"><code>${feature}</code></th>
              <td class="number">${gain === undefined ? '–' : formatNumber(gain)}</td>
              <td class="number">
                ${permutation === undefined ? '–' : formatMetric(score.name, permutation)}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
