import { describeBaseline } from '../../core/findings.ts';
import { METRIC_NAMES, METRIC_WORDS } from '../../core/models/metrics/evaluation.ts';
import type { Comparison, Evaluation, Performance } from '../../core/models/metrics/evaluation.ts';
import type { ChampionEvaluation, RunReport, ShadowReport } from '../../workflows/contract.ts';
import {
  formatCount,
  formatEstimate,
  formatMetric,
  formatNumber,
  formatPValue,
} from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { errorCourse } from './error-course.ts';
import { gateDetails } from './gate-details.ts';
import { modelErrors } from './model-errors.ts';
import { votes } from './votes.ts';
import { estimateCell } from './words.ts';
import type { ChartPair, RunModel } from './run-model.ts';

/** The champion on the file, and the challenger against it where one was trained. */
export function performanceSection(
  { evaluation, comparison, shadow }: RunReport,
  charts: RunModel['charts'],
): Child {
  return html`${evaluation !== null && championSection(evaluation, charts.performance)}
  ${comparison !== null && challengerSection(comparison, charts)}
  ${shadow !== undefined && shadowSection(shadow)}`;
}

function championSection(evaluation: ChampionEvaluation, chart: ChartPair | null): Html {
  const { champion: performance, previous } = evaluation;
  const { current, baseline, breached } = performance;
  return html`<section aria-labelledby="champion-heading">
    <h2 id="champion-heading">The champion on this file</h2>
    <p>${championSentence(performance)}</p>
    ${drawing(chart)} ${metricsTable(current, baseline)} ${modelErrors(current)}
    ${votes(evaluation)} ${errorCourse(evaluation)}
    ${breached.map(
      ({ metric, value, threshold }) =>
        html`<p class="notice warn">
          The pipeline’s limit for ${METRIC_WORDS[metric]} is ${formatMetric(metric, threshold)}; it
          is ${formatMetric(metric, value)}.
        </p>`,
    )}
    ${previous !== null && previousModel(previous)}
  </section>`;
}

/** Here the previous model is held against the champion, as a challenger would be. */
function previousModel({ rows, metric, challenger, gain }: Comparison): Html {
  return html`<p>
    <strong>The previous model</strong> on the same ${formatCount(rows, 'row')}:
    ${METRIC_WORDS[metric]} <span class="number">${formatEstimate(challenger)}</span>, a gain over
    the champion of <span class="number">${formatEstimate({ name: metric, ...gain })}</span>.
  </p>`;
}

function championSentence({ current, drop, pValue, baselineOf }: Performance): Html {
  const { name } = current.primary;
  const change = formatMetric(name, Math.abs(drop));
  const words =
    drop > 0
      ? `${change} worse than before`
      : drop < 0
        ? `${change} better than before`
        : 'the same as before';
  return html`On ${formatCount(current.rows, 'row')} the ${METRIC_WORDS[name]} is
    <strong class="number">${formatEstimate(current.primary)}</strong>, ${words} (one-sided Welch
    test on the losses: p
    ${pWords(pValue)}).${baselineOf !== undefined && html` Before: ${describeBaseline(baselineOf)}.`}`;
}

const pWords = (p: number): string => {
  const text = formatPValue(p);
  return /^[<>]/.test(text) ? text : `= ${text}`;
};

function metricsTable(current: Evaluation, baseline: Evaluation): Html {
  const names = METRIC_NAMES.filter((name) => current.metrics[name] !== undefined);
  const cell = (evaluation: Evaluation, name: (typeof names)[number]): Child => {
    const value = evaluation.metrics[name];
    if (value === undefined) return '–';
    const interval = evaluation.intervals?.[name];
    return interval === undefined
      ? formatMetric(name, value)
      : estimateCell({ name, value, ...interval });
  };
  return html`<div class="scroll">
    <table class="plain" aria-label="Metrics of the champion">
      <thead>
        <tr>
          <th scope="col">Champion</th>
          <th scope="col" class="number">on this file</th>
          <th scope="col" class="number">before</th>
        </tr>
      </thead>
      <tbody>
        ${names.map(
          (name) =>
            html`<tr>
              <th scope="row">${METRIC_WORDS[name]}</th>
              <td class="number">${cell(current, name)}</td>
              <td class="number">${cell(baseline, name)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const VERDICTS: Readonly<Record<Comparison['verdict'], readonly [tone: string, words: string]>> = {
  promote: ['good', 'the challenger takes over'],
  refuse: ['warn', 'the champion stays'],
  undecided: ['neutral', 'undecided: the champion stays'],
};

function challengerSection(comparison: Comparison, charts: RunModel['charts']): Html {
  const { metric, gain, rows, margin, verdict, reason } = comparison;
  const [tone, words] = VERDICTS[verdict];
  return html`<section aria-labelledby="challenger-heading">
    <h2 id="challenger-heading">Champion against challenger</h2>
    <p><span class="badge ${tone}">${words}</span> ${reason}</p>
    ${drawing(charts.comparison)} ${drawing(charts.gain)}
    <p>
      On ${formatCount(rows, 'row')} that neither trained on, the challenger’s
      ${METRIC_WORDS[metric]} is better by
      <strong class="number"
        >${formatMetric(metric, gain.value)} (${formatMetric(metric, gain.low)} to
        ${formatMetric(metric, gain.high)})</strong
      >;
      ${
        margin === 0
          ? 'it takes over if the whole interval is above 0.'
          : `it takes over if the whole interval is above −${formatMetric(metric, margin)}, the margin.`
      }
    </p>
    ${gateDetails(comparison)}
  </section>`;
}

/** A challenger in shadow: both on all labelled rows of the files it has seen. */
function shadowSection({ model, seen, files, comparison }: ShadowReport): Html {
  const [tone, words] = VERDICTS[comparison.verdict];
  const state = seen < files ? ['neutral', 'not decided yet'] : [tone, words];
  return html`<section aria-labelledby="shadow-heading">
    <h2 id="shadow-heading">The challenger in shadow</h2>
    <p>
      <span class="badge ${state[0]}">${state[1]}</span> Trained on ${model.trainedOn}, it has seen
      ${formatNumber(seen)} of ${formatCount(files, 'file')}. ${comparison.reason}
    </p>
    ${gateDetails(comparison)}
  </section>`;
}

function drawing(chart: ChartPair | null): Child {
  return (
    chart !== null &&
    html`<figure class="intervals">
      <div class="wide">${chart.wide}</div>
      <div class="narrow">${chart.narrow}</div>
    </figure>`
  );
}
