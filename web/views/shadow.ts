/** The challenger that runs beside the champion, and how far the gate has come with it. */
import { METRIC_WORDS, type Comparison } from '../../core/models/metrics/evaluation.ts';
import type { PipelineStatus } from '../../workflows/contract.ts';
import { formatCount, formatNumber, formatTime } from '../format.ts';
import { html, type Html } from '../html.ts';
import { gateDetails } from './gate-details.ts';
import { estimateCell, type Entries } from './words.ts';

export type RunningShadow = NonNullable<PipelineStatus['shadow']>;

export function shadowEntries({
  since,
  why,
  filesSeen,
  files,
  championId,
}: RunningShadow): Entries {
  return [
    ['Beside the champion', html`<code>${championId}</code>, since ${formatTime(since)}`],
    ['Because', why],
    [
      'Files scored',
      html`${formatNumber(filesSeen)} of ${formatCount(files, 'file')} with labels; the gate decides
      after the last one`,
    ],
  ];
}

/** Both models on the files that both have met: an intermediate result, which decides nothing. */
export function shadowScores({ comparison, filesSeen }: RunningShadow): Html {
  if (comparison === null) {
    return html`<p class="muted">
      No file with labels has come since: there is nothing to compare yet.
    </p>`;
  }
  return html`<h3>Both on the same ${formatCount(filesSeen, 'file')}</h3>
    ${bothScores(comparison)}
    <p>${comparison.reason}</p>
    ${gateDetails(comparison)}`;
}

function bothScores({ metric, rows, champion, challenger, gain }: Comparison): Html {
  return html`<div class="scroll">
    <table class="plain">
      <caption>
        ${METRIC_WORDS[metric]} on ${formatCount(rows, 'row')} that neither was trained on
      </caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col" class="number">${METRIC_WORDS[metric]}, with its interval</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">champion</th>
          <td class="number">${estimateCell(champion)}</td>
        </tr>
        <tr>
          <th scope="row">challenger</th>
          <td class="number">${estimateCell(challenger)}</td>
        </tr>
        <tr>
          <th scope="row">gain of the challenger</th>
          <td class="number">${estimateCell({ name: metric, ...gain })}</td>
        </tr>
      </tbody>
    </table>
  </div>`;
}
