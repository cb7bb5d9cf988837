import { formatNumber, formatTime } from '../format.ts';
import { html, type Child } from '../html.ts';

const FIRST_YEAR = 1980;
const LAST_YEAR = 2200;

/**
 * The time of a row in brackets, if there is one. A time column may hold numbers of another unit than milliseconds:
 * those that are no likely date are shown as they are.
 */
export function momentWords(time: number | null): Child {
  if (time === null) return null;
  const date = new Date(time);
  const year = Number.isNaN(date.getTime()) ? NaN : date.getUTCFullYear();
  const isDate = year >= FIRST_YEAR && year <= LAST_YEAR;
  return html` (${isDate ? formatTime(date.toISOString()) : formatNumber(time)})`;
}
