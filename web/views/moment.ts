import { likelyDate } from '../../core/drift/explain/row-onset.ts';
import { formatNumber, formatTime } from '../format.ts';
import { html, type Child } from '../html.ts';

/** The time of a row in brackets, if there is one; a number that is no likely date as it is. */
export function momentWords(time: number | null): Child {
  if (time === null) return null;
  const date = likelyDate(time);
  return html` (${date === null ? formatNumber(time) : formatTime(date.toISOString())})`;
}
