/** What the gate weighed besides the gain itself. */
import {
  METRIC_WORDS,
  type Comparison,
  type GroupComparison,
} from '../../core/models/metrics/evaluation.ts';
import { formatCount, formatMetric, formatNumber, formatPValue } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';

const TESTS: Readonly<Record<NonNullable<Comparison['test']>['name'], string>> = {
  mcnemar: 'McNemar’s test',
  delong: 'DeLong’s test',
  bootstrap: 'Paired bootstrap',
};

/** The test, what so many rows can show, and the gain of every class and named segment. */
export function gateDetails({ metric, test, power, groups, rows }: Comparison): Child {
  return html`${
    test !== undefined &&
    html`<p class="muted">${TESTS[test.name]}, one-sided p ${formatPValue(test.pValue)}.</p>`
  }
  ${
    power !== undefined &&
    html`<p class="muted">
      On ${formatCount(rows, 'row')} a true gain of ${formatMetric(metric, power.detectable)} in
      ${METRIC_WORDS[metric]} is found four times in
      five.${
        power.rowsNeeded !== undefined &&
        power.rowsNeeded > rows &&
        ` One as large as the gain measured here would take about ${formatCount(power.rowsNeeded, 'row')}.`
      }
    </p>`
  }
  ${groups !== undefined && groups.length > 0 && groupsTable(groups)}`;
}

const VERDICTS: Readonly<
  Record<GroupComparison['verdict'], readonly [tone: string, words: string]>
> = {
  unharmed: ['neutral', 'not harmed'],
  harmed: ['bad', 'harmed'],
  unclear: ['neutral', 'no harm shown'],
  'too few': ['neutral', 'too few rows to tell'],
};

const MEASURES: Readonly<Record<GroupComparison['measure'], string>> = {
  f1: 'F1',
  accuracy: 'accuracy',
  rmse: 'RMSE',
};

function groupsTable(groups: readonly GroupComparison[]): Html {
  return html`<table class="plain stack" aria-label="Classes and segments">
    <thead>
      <tr>
        <th scope="col">Part of the rows</th>
        <th scope="col" class="number">rows</th>
        <th scope="col">in</th>
        <th scope="col" class="number">champion</th>
        <th scope="col" class="number">challenger</th>
        <th scope="col" class="number">p of harm</th>
        <th scope="col">verdict</th>
      </tr>
    </thead>
    <tbody>
      ${groups.map(groupRow)}
    </tbody>
  </table>`;
}

function groupRow(group: GroupComparison): Html {
  const [tone, words] = VERDICTS[group.verdict];
  return html`<tr>
    <th scope="row"><span class="muted">${group.kind}</span> ${group.name}</th>
    <td class="number" data-label="rows">${formatNumber(group.rows)}</td>
    <td data-label="in">${MEASURES[group.measure]}</td>
    <td class="number" data-label="champion">${formatMetric(group.measure, group.champion)}</td>
    <td class="number" data-label="challenger">${formatMetric(group.measure, group.challenger)}</td>
    <td class="number" data-label="p of harm">${formatPValue(group.pValue)}</td>
    <td data-label="verdict"><span class="badge ${tone}">${words}</span></td>
  </tr>`;
}
