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
type Combination = NonNullable<Pair['combination']>;

function sliceWords({ rule, also, referenceShare, currentShare, carried }: Slice): Html {
  return html`The rows with <code>${rule}</code> carry it: ${formatShare(currentShare)} of this
    file, ${formatShare(referenceShare)} of the reference; without them ${formatShare(carried)} of
    the change is gone.${also && html` Also described by <code>${also}</code>.`}`;
}

function onsetWords(name: string, { row, time, pValue }: Onset): Html {
  return html`<code>${name}</code> is different from row ${formatNumber(row)}${momentWords(time)} on
    (p ${formatPValue(pValue)}).`;
}

function pairWords({ columns, test, reference, current, adjustedPValue, combination }: Pair): Html {
  const [a, b] = columns;
  const measure = test === 'odds ratios' ? 'Cramér’s V' : test;
  return html`<code>${a}</code> and <code>${b}</code> hang together otherwise than before:
    ${measure} ${formatNumber(reference)} → ${formatNumber(current)} (p
    ${formatPValue(adjustedPValue)}).${combination && combinationWords(combination)}`;
}

/** Which way it went, which Cramér's V does not say. */
function combinationWords({ rule, reference, current, expected }: Combination): Html {
  const direction = current > expected ? 'more frequent' : 'rarer';
  return html` Most of all, <code>${rule}</code> became ${direction} than either by itself explains:
    ${formatShare(reference)} of the reference, ${formatShare(current)} of this file,
    ${formatShare(expected)} expected.`;
}
