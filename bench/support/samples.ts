import type { Random } from '../../core/random.ts';
import type { Column, Table } from '../../core/table.ts';

/** Draws a column of so many rows. */
export type Draw = (random: Random, rows: number) => Column;

/** A table of columns drawn independently, named `x1`, `x2`, … */
export function drawTable(draws: readonly Draw[], random: Random, rows: number): Table {
  const columns = draws.map((draw, j) => ({ ...draw(random, rows), name: `x${j + 1}` }));
  return { rows, columns };
}

/** A numeric column of independent values. */
export function numbers(value: (random: Random) => number): Draw {
  return (random, rows) => {
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) values[i] = value(random);
    return { kind: 'numeric', name: '', values };
  };
}

/** A categorical column with these probabilities, which sum to 1. */
export function categories(probabilities: readonly number[]): Draw {
  const dictionary = probabilities.map((_, k) => `c${String(k).padStart(4, '0')}`);
  return (random, rows) => {
    const codes = new Int32Array(rows);
    for (let i = 0; i < rows; i++) codes[i] = categoryAt(random(), probabilities);
    return { kind: 'categorical', name: '', codes, dictionary };
  };
}

function categoryAt(u: number, probabilities: readonly number[]): number {
  let sum = 0;
  for (const [k, probability] of probabilities.entries()) {
    sum += probability;
    if (u < sum) return k;
  }
  return probabilities.length - 1;
}

export const equal = (levels: number): readonly number[] =>
  Array.from({ length: levels }, () => 1 / levels);

/** Standard normal, by Box and Muller (1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** ln X is normal with this σ. */
export const lognormal =
  (sigma: number) =>
  (random: Random): number =>
    Math.exp(sigma * normal(random));

/** P(X > x) = x^(−a), from 1 on. */
export const pareto =
  (a: number) =>
  (random: Random): number =>
    (1 - random()) ** (-1 / a);

/** The same values with this share of them missing. */
export function withMissing(draw: Draw, share: number): Draw {
  return (random, rows) => {
    const column = draw(random, rows);
    const isMissing = Array.from({ length: rows }, () => random() < share);
    if (column.kind === 'categorical') {
      return {
        ...column,
        codes: column.codes.map((code, i) => (isMissing[i] === true ? -1 : code)),
      };
    }
    return { ...column, values: column.values.map((x, i) => (isMissing[i] === true ? NaN : x)) };
  };
}
