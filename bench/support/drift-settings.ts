import type { Random } from '../../core/random.ts';
import type { Over } from '../../core/stats/online/levels.ts';
import type { Table } from '../../core/table.ts';
import {
  autocorrelated,
  categories,
  correlated,
  equal,
  lognormal,
  normal,
  numbers,
  pareto,
  repeated,
  seasonal,
  sticky,
  walk,
  withGaps,
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
  ...dependent(
    'autocorrelation .5',
    [autocorrelated(0.5)],
    [200, 200],
    [1000, 1000],
    [5000, 1000],
    [2000, 200],
  ),
  ...dependent(
    'autocorrelation .8',
    [autocorrelated(0.8)],
    [1000, 1000],
    [5000, 1000],
    [2000, 200],
  ),
  ...dependent(
    '5 columns, autocorrelation .5',
    repeat(5, autocorrelated(0.5)),
    [1000, 1000],
    [2000, 200],
  ),
  ...dependent('5 rows of each', [repeated(gauss, 5)], [1000, 1000], [5000, 1000], [2000, 200]),
  ...dependent(
    '4 categories, 6 of 10 as in the row before',
    [sticky(4, 0.6)],
    [1000, 1000],
    [5000, 1000],
    [2000, 200],
  ),
  ...dependent(
    '20 categories, 6 of 10 as in the row before',
    [sticky(20, 0.6)],
    [1000, 1000],
    [2000, 200],
  ),
  ...dependent('missing in runs', [withGaps(gauss)], [1000, 1000], [5000, 1000]),
  ...dependent(
    'a season of 365 rows, autocorrelation .5',
    [seasonal(autocorrelated(0.5), 365)],
    [365, 365],
    [3650, 365],
  ),
  ...dependent('autocorrelation .95', [autocorrelated(0.95)], [1000, 1000]),
];

/** Columns whose rows resemble their neighbours. */
function dependent(
  name: string,
  columns: readonly Draw[],
  ...sizes: readonly (readonly [reference: number, current: number])[]
): readonly Null[] {
  return sizes.map(([reference, current]) => ({ name, columns, reference, current, others: '–' }));
}

/** Data whose season or trend is longer than what the reference can tell chance from. */
export const LIMITS: readonly Null[] = [
  ...dependent('a random walk', [walk], [1000, 1000]),
  ...dependent('autocorrelation .95', [autocorrelated(0.95)], [200, 200]),
];
