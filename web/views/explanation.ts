/** What changed, where and since when, in words. */
import { formatNumber, formatPValue, formatShare } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import type { StoredDrift, StoredExplanation } from '../stored-drift.ts';
import { momentWords } from './moment.ts';

export function explanationSection({ explanation }: StoredDrift): Child {
  if (explanation === undefined || explanation === null) return null;
  const { slice, columns, pairs, pairsChanged } = explanation;
  const onsets = columns.flatMap(({ name, onset }) => (onset === null ? [] : [{ name, onset }]));
  if (slice === null && onsets.length === 0 && pairs.length === 0) return null;
  return html`<h3 id="explanation">Where and since when</h3>
    <ul class="findings">
      ${slice !== null && html`<li>${sliceWords(slice)}</li>`}
      ${onsets.map(({ name, onset }) => html`<li>${onsetWords(name, onset)}</li>`)}
      ${pairs.map((pair) => html`<li>${pairWords(pair)}</li>`)}
      ${
        pairsChanged > pairs.length &&
        html`<li class="muted">and ${formatNumber(pairsChanged - pairs.length)} more pairs</li>`
      }
    </ul>
    <p class="muted">
      From ${formatNumber(explanation.referenceRows)} rows of the reference and
      ${formatNumber(explanation.currentRows)} of this file. This explains; it decides nothing.
    </p>`;
}

type Slice = NonNullable<StoredExplanation['slice']>;
type Onset = NonNullable<StoredExplanation['columns'][number]['onset']>;
type Pair = StoredExplanation['pairs'][number];

function sliceWords({ rule, referenceShare, currentShare, carried }: Slice): Html {
  return html`The rows with <code>${rule}</code> carry it: ${formatShare(currentShare)} of this
    file, ${formatShare(referenceShare)} of the reference; without them ${formatShare(carried)} of
    the change is gone.`;
}

function onsetWords(name: string, { row, time, pValue }: Onset): Html {
  return html`<code>${name}</code> is different from row ${formatNumber(row)}${momentWords(time)} on
    (p ${formatPValue(pValue)}).`;
}

/** Cramér's V has no sign: where it is as before, the columns go together in another way, such as turned round. */
const ALIKE = 0.05;

function pairWords({ columns, test, reference, current, adjustedPValue }: Pair): Html {
  const [a, b] = columns;
  const measure = test === 'odds ratios' ? 'Cramér’s V' : test;
  const turned = test === 'odds ratios' && Math.abs(current - reference) < ALIKE;
  return html`<code>${a}</code> and <code>${b}</code> hang together otherwise than
    before${turned && ', though as closely'}: ${measure} ${formatNumber(reference)} →
    ${formatNumber(current)} (p ${formatPValue(adjustedPValue)}).`;
}
