import type { Random } from '../../core/random.ts';
import type { Over } from '../../core/stats/online/levels.ts';
import type { Table } from '../../core/table.ts';
import {
  categories,
  drawTable,
  equal,
  lognormal,
  normal,
  numbers,
  pareto,
  withMissing,
  type Draw,
} from './samples.ts';

/** Data that do not drift: reference and current come from the same distribution. */
export interface Null {
  readonly name: string;
  /** drawn independently */
  readonly columns: readonly Draw[];
  /** instead of `columns`, where they depend on each other */
  readonly table?: (random: Random, rows: number) => Table;
  /** rows */
  readonly reference: number;
  readonly current: number;
  /** files in a row compared with one reference, over which the promise holds; 1 when absent */
  readonly files?: number;
  /** how it holds over them; `horizon` when absent */
  readonly over?: Over;
  /** of a full run; 1000 when absent */
  readonly repetitions?: number;
  /** alarm rate of other tools' defaults on such data, simulated from their sources */
  readonly others: string;
}

const gauss = numbers(normal);
const repeat = (count: number, draw: Draw): readonly Draw[] =>
  Array.from({ length: count }, () => draw);
const rare = (p: number): readonly number[] => [p, (1 - p) / 2, (1 - p) / 2];
const mixed: readonly Draw[] = [
  ...repeat(4, gauss),
  ...repeat(2, numbers(lognormal(2))),
  ...repeat(
    2,
    numbers((random) => Math.round(2 * normal(random))),
  ),
  withMissing(gauss, 0.2),
  withMissing(categories(equal(4)), 0.05),
  categories(equal(12)),
  categories(rare(0.002)),
];

export const NULLS: readonly Null[] = [
  {
    name: '3 categories',
    columns: [categories(equal(3))],
    reference: 500,
    current: 500,
    others: 'Evidently χ² 23 %',
  },
  {
    name: '5 categories',
    columns: [categories(equal(5))],
    reference: 500,
    current: 500,
    others: 'Evidently χ² 32 %',
  },
  {
    name: '10 categories',
    columns: [categories(equal(10))],
    reference: 500,
    current: 500,
    others: 'Evidently χ² 51 %',
  },
  {
    name: 'a rare category, p = .001',
    columns: [categories(rare(0.001))],
    reference: 500,
    current: 500,
    others: 'Evidently χ² 48 %',
  },
  { name: 'normal', columns: [gauss], reference: 1001, current: 200, others: 'Evidently W 45 %' },
  { name: 'normal', columns: [gauss], reference: 1001, current: 1001, others: 'Evidently W 4.3 %' },
  {
    name: 'normal',
    columns: [gauss],
    reference: 20_000,
    current: 20_000,
    others: 'Evidently W 0 %',
  },
  {
    name: 'lognormal, σ = 2',
    columns: [numbers(lognormal(2))],
    reference: 5000,
    current: 5000,
    others: 'Evidently W 19–28 %',
  },
  {
    name: 'Pareto, a = 1.5',
    columns: [numbers(pareto(1.5))],
    reference: 5000,
    current: 5000,
    others: 'Evidently W 17–29 %',
  },
  {
    name: '20 categories',
    columns: [categories(equal(20))],
    reference: 1001,
    current: 200,
    others: 'Evidently JS 86 %',
  },
  {
    name: '50 categories',
    columns: [categories(equal(50))],
    reference: 1001,
    current: 1001,
    others: 'Evidently JS 82 %',
  },
  {
    name: '200 categories',
    columns: [categories(equal(200))],
    reference: 1001,
    current: 1001,
    others: 'Evidently JS 100 %',
  },
  { name: 'normal', columns: [gauss], reference: 100, current: 100, others: 'Evidently PSI 83 %' },
  {
    name: 'normal',
    columns: [gauss],
    reference: 200,
    current: 200,
    others: 'Evidently PSI 53 %, frouros PSI 66 %',
  },
  { name: 'normal', columns: [gauss], reference: 500, current: 500, others: 'Evidently PSI 2 %' },
  { name: 'normal', columns: [gauss], reference: 1000, current: 1000, others: 'frouros PSI 26 %' },
  { name: 'normal', columns: [gauss], reference: 5000, current: 5000, others: 'frouros PSI 17 %' },
  {
    name: 'lognormal, σ = 1',
    columns: [numbers(lognormal(1))],
    reference: 200,
    current: 200,
    others: 'frouros PSI 99 %',
  },
  {
    name: 'lognormal, σ = 1',
    columns: [numbers(lognormal(1))],
    reference: 1000,
    current: 1000,
    others: 'frouros PSI 97 %',
  },
  {
    name: 'lognormal, σ = 1',
    columns: [numbers(lognormal(1))],
    reference: 5000,
    current: 5000,
    others: 'frouros PSI 96 %',
  },
  {
    name: 'equal chunks',
    columns: [gauss],
    reference: 10_000,
    current: 1000,
    others: 'NannyML 5–7 % a chunk, 27–43 % a run',
  },
  {
    name: 'chunks half as long',
    columns: [gauss],
    reference: 10_000,
    current: 500,
    others: 'NannyML 24–49 % a chunk',
  },
  {
    name: 'chunks a fifth as long',
    columns: [gauss],
    reference: 10_000,
    current: 200,
    others: 'NannyML 65–97 % a chunk',
  },
  {
    name: 'a chunk of 3 rows',
    columns: [gauss],
    reference: 10_000,
    current: 3,
    others: 'NannyML 100 %',
  },
  {
    name: '5 normal columns',
    columns: repeat(5, gauss),
    reference: 1000,
    current: 1000,
    others: 'CalmOps for Python 87 %',
  },
  {
    name: '5 normal columns',
    columns: repeat(5, gauss),
    reference: 5000,
    current: 5000,
    others: 'CalmOps for Python 69 %',
  },
  {
    name: '20 normal columns',
    columns: repeat(20, gauss),
    reference: 1000,
    current: 1000,
    others: 'CalmOps for Python 100 %, KS at .05 76–81 %',
  },
  {
    name: '20 normal columns',
    columns: repeat(20, gauss),
    reference: 5000,
    current: 5000,
    others: 'CalmOps for Python 98 %',
  },
  {
    name: 'whole numbers, many ties',
    columns: [numbers((random) => Math.round(3 * normal(random)))],
    reference: 500,
    current: 500,
    others: '–',
  },
  {
    name: '30 % missing',
    columns: [withMissing(gauss, 0.3)],
    reference: 500,
    current: 500,
    repetitions: 10_000,
    others: '–',
  },
  {
    name: 'two columns that depend on each other',
    columns: [],
    table: (random, rows) => correlated(random, rows, 0.8),
    reference: 500,
    current: 300,
    others: '–',
  },
  {
    name: 'two columns that depend on each other',
    columns: [],
    table: (random, rows) => correlated(random, rows, 0.8),
    reference: 5000,
    current: 5000,
    others: '–',
  },
  { name: '12 columns of all kinds', columns: mixed, reference: 200, current: 200, others: '–' },
  { name: '12 columns of all kinds', columns: mixed, reference: 2000, current: 500, others: '–' },
  {
    name: '12 columns of all kinds, any of 20 files (horizon: 20)',
    columns: mixed,
    reference: 2000,
    current: 200,
    files: 20,
    others: '–',
  },
  ...(['spending', 'lord', 'saffron'] as const).map((over): Null => ({
    name: `a normal column, any of 20 files (over: ${over})`,
    columns: [gauss],
    reference: 2000,
    current: 200,
    files: 20,
    over,
    others: '–',
  })),
];

/** Data that drift, with as many rows before as after. */
export interface Shift {
  readonly name: string;
  readonly before: (random: Random, rows: number) => Table;
  readonly after: (random: Random, rows: number) => Table;
}

/** One column among five that changes; the others do not. */
function oneOfFive(name: string, before: Draw, after: Draw): Shift {
  const others = repeat(4, gauss);
  return {
    name,
    before: (random, rows) => drawTable([before, ...others], random, rows),
    after: (random, rows) => drawTable([after, ...others], random, rows),
  };
}

const moved = (by: number): Draw => numbers((random) => normal(random) + by);

export const SHIFTS: readonly Shift[] = [
  oneOfFive('mean + .1 σ', gauss, moved(0.1)),
  oneOfFive('mean + .25 σ', gauss, moved(0.25)),
  oneOfFive('mean + .5 σ', gauss, moved(0.5)),
  oneOfFive(
    'variance × 1.5',
    gauss,
    numbers((random) => Math.sqrt(1.5) * normal(random)),
  ),
  oneOfFive('a new category, 5 %', categories([0.5, 0.5, 0]), categories([0.475, 0.475, 0.05])),
  {
    name: 'correlation .8 turns to −.8',
    before: (random, rows) => correlated(random, rows, 0.8),
    after: (random, rows) => correlated(random, rows, -0.8),
  },
  {
    name: 'correlation .8 falls to .5',
    before: (random, rows) => correlated(random, rows, 0.8),
    after: (random, rows) => correlated(random, rows, 0.5),
  },
  {
    name: 'correlation .6 comes up, beside 8 other columns',
    before: (random, rows) => amongOthers(random, rows, 0),
    after: (random, rows) => amongOthers(random, rows, 0.6),
  },
];

/** Data that the promise does not cover: no drift, and yet rows are not independent. */
export const LIMITS: readonly Null[] = [
  {
    name: 'neighbouring rows alike (autocorrelation .5)',
    columns: [],
    table: (random, rows) => autocorrelated(random, rows, 0.5),
    reference: 1000,
    current: 1000,
    others: '–',
  },
];

function amongOthers(random: Random, rows: number, rho: number): Table {
  const { columns } = correlated(random, rows, rho);
  return { rows, columns: [...columns, ...drawTable(repeat(8, gauss), random, rows).columns] };
}

function autocorrelated(random: Random, rows: number, rho: number): Table {
  const values = new Float64Array(rows);
  let last = normal(random);
  for (let i = 0; i < rows; i++) {
    last = rho * last + Math.sqrt(1 - rho * rho) * normal(random);
    values[i] = last;
  }
  return { rows, columns: [{ kind: 'numeric', name: 'x', values }] };
}

function correlated(random: Random, rows: number, rho: number): Table {
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
