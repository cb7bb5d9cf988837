/** Where and since when something changed, as text for the terminal. */
import type { DriftExplanation } from '../core/drift/explain/explain.ts';
import type { ChangedPair } from '../core/drift/explain/pairs.ts';
import { likelyDate, type RowOnset } from '../core/drift/explain/row-onset.ts';
import type { ChangedSlice } from '../core/drift/explain/slice.ts';
import { count, number, pValue, share } from './figures.ts';

/** @returns a line for each thing found, and one that says what was looked at */
export function describeExplanation(explanation: DriftExplanation): string {
  const { slice, columns, pairs, pairsChanged, referenceRows, currentRows } = explanation;
  const found = [
    ...(slice === null ? [] : [sliceWords(slice)]),
    ...columns.flatMap(({ name, onset }) => (onset === null ? [] : [onsetWords(name, onset)])),
    ...pairs.map(pairWords),
    ...(pairsChanged > pairs.length
      ? [`And ${count(pairsChanged - pairs.length)} more pairs.`]
      : []),
  ];
  const rows = `${count(referenceRows)} rows of the first file and ${count(currentRows)} of the second`;
  return found.length === 0
    ? `Where and since when cannot be told from ${rows}.`
    : ['Where and since when:', ...found, `From ${rows}. This explains; it decides nothing.`].join(
        '\n',
      );
}

function sliceWords({ rule, also, referenceShare, currentShare, carried }: ChangedSlice): string {
  const shares = `${share(currentShare)} of the second file, ${share(referenceShare)} of the first`;
  const other = also === null ? '' : ` Also described by ${also}.`;
  return `The rows with ${rule} carry it: ${shares}; without them ${share(carried)} of the change is gone.${other}`;
}

function onsetWords(name: string, { row, time, pValue: p }: RowOnset): string {
  const date = time === null ? null : likelyDate(time);
  const moment = time === null ? '' : ` (${date === null ? number(time) : date.toISOString()})`;
  return `${name} is different from row ${count(row)}${moment} on (p ${pValue(p)}).`;
}

function pairWords({
  columns,
  test,
  reference,
  current,
  adjustedPValue,
  combination,
}: ChangedPair): string {
  const measure = test === 'odds ratios' ? 'Cramér’s V' : test;
  const change = `${measure} ${number(reference)} → ${number(current)} (p ${pValue(adjustedPValue)})`;
  const first = `${columns[0]} and ${columns[1]} hang together otherwise than before: ${change}.`;
  if (combination === null) return first;
  const direction = combination.current > combination.expected ? 'more frequent' : 'rarer';
  const shares = `${share(combination.reference)} before, ${share(combination.current)} now, ${share(combination.expected)} expected`;
  return `${first} Most of all, ${combination.rule} became ${direction} than either by itself explains: ${shares}.`;
}
