/** What changed of the file's columns, by themselves and together. */
import { describeTogether } from '../../core/drift/together-finding.ts';
import type { DriftSummary } from '../../workflows/contract.ts';
import { formatCount, formatNumber, formatScore } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import type { RunId } from '../published.ts';
import type { StoredDrift } from '../stored-drift.ts';
import { columnsTable, type ColumnSort } from './drift-table.ts';
import { explanationSection } from './explanation.ts';
import { qualitySection } from './quality.ts';
import { togetherSection } from './together.ts';

export interface DriftModel {
  readonly run: RunId;
  readonly summary: DriftSummary;
  /** null when the store does not have the whole report */
  readonly drift: StoredDrift | null;
  readonly sort: ColumnSort;
}

export function driftSection({ run, summary, drift, sort }: DriftModel): Html {
  return html`<section aria-labelledby="drift-heading">
    <h2 id="drift-heading">Drift</h2>
    <p>${driftSentence(summary)}</p>
    ${
      drift === null
        ? html`<p class="notice stale">
            The store does not have the whole report (<code>${summary.report.uri}</code>), or it is
            damaged there; this is its summary.
          </p>`
        : html`<p class="muted">
              ${formatNumber(drift.referenceRows)} rows of reference${comparedWith(summary)},
              against ${formatNumber(drift.currentRows)} of this file. p is adjusted by Holm’s
              method over all ${formatCount(summary.tests, 'test')}; a change is material when it is
              significant and its effect reaches its threshold.
            </p>
            ${dependenceWords(drift)} ${explanationSection(drift)} ${qualitySection(drift)}
            ${togetherSection(drift)}
            <h3>Column by column</h3>
            ${columnsTable(run, drift, sort)}`
    }
  </section>`;
}

/** Said once above the columns that it is about. */
function dependenceWords({ columns }: StoredDrift): Child {
  const alike = columns.filter(({ dependence }) => dependence !== undefined);
  if (alike.length === 0) return null;
  const beyond = alike.filter(({ dependence }) => dependence?.reach === 'beyond').length;
  return html`<p class="muted">
      In ${formatCount(alike.length, 'column')} neighbouring rows are alike, as learned from the
      reference: there rows count for less than as many independent ones.
    </p>
    ${
      beyond > 0 &&
      html`<p class="notice warn">
        In ${formatCount(beyond, 'column')} rows are alike over more rows than the reference can
        tell: there alarms may be more frequent than promised.
      </p>`
    }`;
}

/** Earlier files, where the pipeline compares with them instead of with the champion's data. */
function comparedWith({ comparedWith: files }: DriftSummary): string {
  if (files === undefined || files.length === 0) return ', which the champion was trained on';
  const shown = files.slice(0, 3).join(', ');
  return `, from ${shown}${files.length > 3 ? ` and ${formatNumber(files.length - 3)} more` : ''}`;
}

function driftSentence(summary: DriftSummary): Html {
  const { materialCount, material, testedColumns, columns, insufficient, score } = summary;
  const names = material.slice(0, 3).map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`);
  const more = materialCount - names.length;
  const found =
    materialCount === 0
      ? html`No material change`
      : html`Material change in ${formatCount(materialCount, 'column')}
        (${names}${more > 0 && ` and ${formatNumber(more)} more`})`;
  return html`${found} among ${formatNumber(testedColumns)} tested of
    ${formatCount(columns, 'column')}; drift score
    <strong class="number">${formatScore(score)}</strong>.
    ${
      summary.together?.material === true &&
      `The columns together changed (${describeTogether(summary.together)}).`
    }
    ${
      insufficient > 0 &&
      `${formatCount(insufficient, 'column has', 'columns have')} too few values to test.`
    }`;
}
