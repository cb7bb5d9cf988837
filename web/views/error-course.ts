/** Since which row the champion errs more, and what kind of change that is. */
import type { ChampionEvaluation } from '../../workflows/contract.ts';
import { formatCount, formatNumber, formatPValue } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { momentWords } from './moment.ts';

export function errorCourse({ errors, kinds }: ChampionEvaluation): Child {
  return html`${errors !== undefined && html`<p>${onsetWords(errors)} ${detectorWords(errors)}</p>`}
  ${kinds !== undefined && kinds !== null && html`<p>${kinds.words}</p>`}`;
}

type Course = NonNullable<ChampionEvaluation['errors']>;

function onsetWords({ onset, rows }: Course): Html {
  if (onset === null) {
    return html`Over ${formatCount(rows, 'row')} no row is found from which on the champion errs
    more.`;
  }
  return html`The champion errs more from row
    <strong class="number">${formatNumber(onset.row)}</strong>${momentWords(onset.time)} on (p
    ${formatPValue(onset.pValue)}).`;
}

function detectorWords({ detector, changes, firstChanges }: Course): Html {
  const rows = firstChanges.map(({ row }) => formatNumber(row)).join(', ');
  return html`<span class="muted"
    >${detector}, which watches from row to row, signals
    ${changes === 0 ? 'no change' : `${formatCount(changes, 'change')}, at row ${rows}${changes > firstChanges.length ? ' …' : ''}`}.</span
  >`;
}
