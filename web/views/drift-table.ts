/** The table of a file's columns: what was found of each, in an order of the reader's. */
import { byStrength, strengthOfEffect, strongestChange } from '../../core/drift/strength.ts';
import { describeHistogram, HISTOGRAM_SIZE } from '../charts/histogram.ts';
import { formatCount, formatNumber, formatPValue, formatShare } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { histogramPath, runPath } from '../paths.ts';
import type { RunId } from '../published.ts';
import type { StoredChange, StoredColumn, StoredDrift } from '../stored-drift.ts';

/** Orders of the table of columns; `strongest` puts what matters first. */
export const COLUMN_SORTS = ['strongest', 'table', 'name', 'p', 'effect', 'missing'] as const;
export type ColumnSort = (typeof COLUMN_SORTS)[number];

export function columnsTable(run: RunId, drift: StoredDrift, sort: ColumnSort): Html {
  const columns = drift.columns.map((column, index) => ({ column, index })).sort(ORDERS[sort]);
  const heading = (words: string, key: ColumnSort, numeric = true): Html =>
    sortHeading({ run, words, key, sort, numeric });
  return html`<p class="sorts">
      Order: ${sortLink(run, 'strongest', sort, 'strongest change first')} ·
      ${sortLink(run, 'table', sort, 'as in the file')}
    </p>
    <ul class="legend">
      <li><span class="swatch reference" aria-hidden="true"></span> reference</li>
      <li><span class="swatch current" aria-hidden="true"></span> this file</li>
    </ul>
    <table class="stack drift" id="columns" aria-label="Columns">
      <thead>
        <tr>
          ${heading('Column', 'name', false)}
          <th scope="col">Values</th>
          <th scope="col">Finding</th>
          <th scope="col">Test</th>
          ${heading('p (Holm)', 'p')} ${heading('Effect', 'effect')}
          ${heading('Missing', 'missing')}
        </tr>
      </thead>
      <tbody>
        ${columns.map(({ column, index }) => columnRow(run, column, index))}
      </tbody>
    </table>`;
}

const sortPath = (run: RunId, key: ColumnSort): string =>
  `${runPath(run.pipeline, run)}?sort=${key}#columns`;

function sortLink(run: RunId, key: ColumnSort, sort: ColumnSort, words: string): Html {
  return key === sort
    ? html`<strong>${words}</strong>`
    : html`<a href="${sortPath(run, key)}">${words}</a>`;
}

function sortHeading(heading: {
  readonly run: RunId;
  readonly words: string;
  readonly key: ColumnSort;
  readonly sort: ColumnSort;
  readonly numeric: boolean;
}): Html {
  const { run, words, key, sort, numeric } = heading;
  const direction = key === 'name' || key === 'p' ? 'ascending' : 'descending';
  return html`<th
    scope="col"
    class="${numeric ? 'number' : ''}"
    aria-sort="${key === sort ? direction : 'none'}"
  >
    <a href="${sortPath(run, key)}" title="Sort by ${words}">${words}</a>
  </th>`;
}

interface Placed {
  readonly column: StoredColumn;
  readonly index: number;
}
type Order = (a: Placed, b: Placed) => number;

const byTable: Order = (a, b) => a.index - b.index;
const byName: Order = (a, b) => a.column.name.localeCompare(b.column.name, 'en');
const descending =
  (value: (column: StoredColumn) => number): Order =>
  (a, b) =>
    value(b.column) - value(a.column) || byTable(a, b);

/** Untested columns come last in every order but the table's and the names'. */
const ORDERS: Readonly<Record<ColumnSort, Order>> = {
  strongest: (a, b) => {
    const [first, second] = [strongestOf(a.column), strongestOf(b.column)];
    if (first !== null && second !== null) return byStrength(first, second) || byTable(a, b);
    return Number(first === null) - Number(second === null) || byTable(a, b);
  },
  table: byTable,
  name: byName,
  p: descending((column) => -(strongestOf(column)?.adjustedPValue ?? 2)),
  effect: descending((column) => {
    const change = strongestOf(column);
    return change === null ? -1 : strengthOfEffect(change.effect);
  }),
  missing: descending(({ missing }) => Math.abs(missing.current - missing.reference)),
};

const strongestOf = ({ outcome }: StoredColumn): StoredChange | null =>
  outcome.kind === 'tested' ? strongestChange(outcome.changes) : null;

function columnRow(run: RunId, column: StoredColumn, index: number): Html {
  const change = strongestOf(column);
  const none = change === null ? 'none' : '';
  return html`<tr id="column-${index}" class="${change?.material === true ? 'material' : ''}">
    <th scope="row"><code>${column.name}</code> <span class="muted">${column.kind}</span></th>
    <td data-label="Values" class="${column.histogram === undefined ? 'none' : ''}">
      ${histogram(run, column, index)}
    </td>
    <td data-label="Finding">${finding(column, change)}</td>
    <td data-label="Test" class="${none}">${testCell(column, change)}</td>
    <td data-label="p (Holm)" class="number ${none}">
      ${change === null ? '–' : formatPValue(change.adjustedPValue)}
    </td>
    <td data-label="Effect" class="number ${none}">${effectCell(change)}</td>
    <td data-label="Missing" class="number">
      ${formatShare(column.missing.reference)} → ${formatShare(column.missing.current)}
    </td>
  </tr>`;
}

function histogram(run: RunId, column: StoredColumn, index: number): Child {
  if (column.histogram === undefined) return '–';
  return html`<img
    class="histogram"
    src="${histogramPath(run.pipeline, run, index)}"
    alt="${describeHistogram(column.histogram)}"
    width="${HISTOGRAM_SIZE.width}"
    height="${HISTOGRAM_SIZE.height}"
    loading="lazy"
  />`;
}

function finding(column: StoredColumn, change: StoredChange | null): Child {
  const { outcome } = column;
  switch (outcome.kind) {
    case 'set-aside':
      return html`<span class="badge neutral">set aside</span>
        <span class="muted">${outcome.reason}</span>`;
    case 'insufficient':
      return html`<span class="badge neutral">too few values</span> ${muted(tooFew(outcome))}`;
    case 'other':
      return html`<span class="badge warn">${outcome.words}</span>
        <span class="muted">${outcome.reason}</span>`;
    case 'tested':
      return html`${changeBadge(change)} ${outcome.note !== undefined && muted(outcome.note)}
      ${newCategories(column)} ${rowsDepend(column, change)}`;
  }
}

function tooFew({
  n,
  effective,
  required,
}: Extract<StoredColumn['outcome'], { kind: 'insufficient' }>): string {
  const worth = effective === undefined ? '' : `, worth ${formatNumber(Math.floor(effective))},`;
  return `${formatNumber(n)}${worth} of the ${formatNumber(required)} needed`;
}

function changeBadge(change: StoredChange | null): Html {
  if (change === null) return html`<span class="badge neutral">nothing to test</span>`;
  if (change.material) return html`<span class="badge warn">material change</span>`;
  if (change.significant) return html`<span class="badge neutral">changed, but little</span>`;
  return html`<span class="badge neutral">no change shown</span>`;
}

function newCategories({ categories }: StoredColumn): Child {
  if (categories === undefined || categories.added + categories.lost === 0) return null;
  const { added, addedValues, lost, examples } = categories;
  return muted(
    [
      added > 0 &&
        `${formatCount(added, 'new category', 'new categories')} in ${formatCount(addedValues, 'value')}: ${examples.join(', ')}${added > examples.length ? ' …' : ''}`,
      lost > 0 && `${formatCount(lost, 'category', 'categories')} not met any more`,
    ]
      .filter((words) => words !== false)
      .join('; '),
  );
}

/** What the rows are worth, where those beside one another are alike. */
function rowsDepend({ dependence }: StoredColumn, change: StoredChange | null): Child {
  if (dependence === undefined || change === null) return null;
  const { designEffect, reach } = dependence;
  const worth = (rows: number): string =>
    formatNumber(Math.max(1, Math.round(rows / designEffect)));
  return html`<span class="muted"
      >neighbouring rows are alike: ${formatNumber(change.n)} and ${formatNumber(change.m)} are
      worth ${worth(change.n)} and ${worth(change.m)}</span
    >
    ${reach === 'beyond' && muted('at most: alike over more rows than the reference can tell')}`;
}

const muted = (words: string): Html => html`<span class="muted">${words}</span>`;

function testCell({ outcome }: StoredColumn, change: StoredChange | null): Child {
  if (outcome.kind !== 'tested' || change === null) return '–';
  const { distances } = outcome;
  return html`${change.test}
    ${change.about !== 'distribution' && html`<span class="muted">of ${change.about}</span>`}
    <span class="muted number">${statistic(change)}</span>
    <details>
      <summary>all tests</summary>
      <ul class="tests">
        ${outcome.changes.map(
          (each) =>
            html`<li>
              ${each.about}: ${each.test}, ${statistic(each)}, p ${formatPValue(each.pValue)}, Holm
              ${formatPValue(each.adjustedPValue)}, Benjamini–Hochberg
              ${formatPValue(each.falseDiscoveryRate)}, ${each.effect.name}
              ${formatNumber(each.effect.value)} of ${formatNumber(each.effect.threshold)}
            </li>`,
        )}
        ${distances !== null && html`<li>PSI ${formatNumber(distances.psi)}, Jensen–Shannon ${formatNumber(distances.jensenShannon)}</li>`}
      </ul>
    </details>`;
}

const statistic = (change: StoredChange): string =>
  `${formatNumber(change.statistic)} on ${formatNumber(change.n)} and ${formatNumber(change.m)} values`;

function effectCell(change: StoredChange | null): Child {
  if (change === null) return '–';
  const { name, value, threshold } = change.effect;
  return html`${formatNumber(value)} <span class="muted">of ${formatNumber(threshold)}</span>
    <span class="muted">${name}</span>`;
}
