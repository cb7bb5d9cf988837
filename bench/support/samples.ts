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

/** Normal numbers, each of which correlates with the one before by ρ. */
export const autocorrelated =
  (rho: number): Draw =>
  (random, rows) => {
    const values = new Float64Array(rows);
    let last = normal(random);
    for (let i = 0; i < rows; i++) {
      last = rho * last + Math.sqrt(1 - rho * rho) * normal(random);
      values[i] = last;
    }
    return { kind: 'numeric', name: '', values };
  };

/** Each value in so many rows, one after the other. */
export const repeated =
  (draw: Draw, times: number): Draw =>
  (random, rows) => {
    const column = draw(random, Math.ceil(rows / times));
    const place = (_: unknown, i: number): number => Math.floor(i / times);
    return column.kind === 'categorical'
      ? {
          ...column,
          codes: Int32Array.from({ length: rows }, (_, i) => column.codes[place(_, i)] ?? -1),
        }
      : {
          ...column,
          values: Float64Array.from({ length: rows }, (_, i) => column.values[place(_, i)] ?? NaN),
        };
  };

/** Categories that stay as they are from row to row with this probability, and else are drawn anew. */
export const sticky =
  (levels: number, stay: number): Draw =>
  (random, rows) => {
    const column = categories(equal(levels))(random, rows);
    if (column.kind !== 'categorical') return column;
    const codes = column.codes.slice();
    for (let i = 1; i < rows; i++) if (random() < stay) codes[i] = codes[i - 1] ?? -1;
    return { ...column, codes };
  };

/** A wave of so many rows, twice as high as the deviation of what it carries. */
export const seasonal =
  (draw: Draw, period: number): Draw =>
  (random, rows) => {
    const column = draw(random, rows);
    if (column.kind === 'categorical') return column;
    const wave = (i: number): number => 2 * Math.sin((2 * Math.PI * i) / period);
    return { ...column, values: column.values.map((x, i) => x + wave(i)) };
  };

/** Steps from a start at 0. */
export const walk: Draw = (random, rows) => {
  const values = new Float64Array(rows);
  for (let i = 0, x = 0; i < rows; i++) values[i] = x += normal(random);
  return { kind: 'numeric', name: '', values };
};

/** Values that are missing in runs, of 20 rows on average, a tenth of all. */
export const withGaps =
  (draw: Draw): Draw =>
  (random, rows) => {
    const column = draw(random, rows);
    if (column.kind === 'categorical') return column;
    let isGap = random() < 0.1;
    const next = (): boolean => (isGap = random() < (isGap ? 0.95 : 0.05 / 9));
    return { ...column, values: column.values.map((x) => (next() ? NaN : x)) };
  };

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

/** Two normal columns that correlate by ρ. */
export function correlated(random: Random, rows: number, rho: number): Table {
  const x = new Float64Array(rows);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const shared = normal(random);
    x[i] = shared;
    y[i] = rho * shared + Math.sqrt(1 - rho * rho) * normal(random);
  }
  return {
    rows,
    columns: [
      { kind: 'numeric', name: 'x', values: x },
      { kind: 'numeric', name: 'y', values: y },
    ],
  };
}
