import type { Random } from '../../core/random.ts';
import type { Table } from '../../core/table.ts';
import {
  autocorrelated,
  categories,
  correlated,
  drawTable,
  normal,
  numbers,
  type Draw,
} from './samples.ts';

const gauss = numbers(normal);
const repeat = (count: number, draw: Draw): readonly Draw[] =>
  Array.from({ length: count }, () => draw);

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
  ...[0.5, 0.8].map((rho) =>
    oneOfFive(
      `mean + .5 σ, autocorrelation ${String(rho).slice(1)}`,
      autocorrelated(rho),
      raised(autocorrelated(rho), 0.5),
    ),
  ),
];

function raised(draw: Draw, by: number): Draw {
  return (random, rows) => {
    const column = draw(random, rows);
    return column.kind === 'categorical'
      ? column
      : { ...column, values: column.values.map((x) => x + by) };
  };
}

function amongOthers(random: Random, rows: number, rho: number): Table {
  const { columns } = correlated(random, rows, rho);
  return { rows, columns: [...columns, ...drawTable(repeat(8, gauss), random, rows).columns] };
}
