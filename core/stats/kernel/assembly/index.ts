/** What has to look at every number of a column. */
export { sorted, sortFinite, values } from './sort';
export { begin, falls, finites, follow, fractions, rises } from './steps';
export { mergeWeighted } from './merge';
export { countCells } from './cells';
