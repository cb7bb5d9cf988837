import { normal } from '../../core/drift/fixtures/tables.ts';
import { createRandom } from '../../core/random.ts';

/** What a pipeline of shoppers says of its data. */
export const SHOP = {
  target: 'buys',
  task: 'classification',
  ignore: ['id'],
  estimator: { kind: 'logistic' },
};

/**
 * A dataset of shoppers: whether one buys follows from income and region, with noise. Debt goes with income
 * (correlation 0.9) and says nothing else.
 */
export function shoppers(
  seed: number,
  {
    rows = 500,
    moved = false,
    turned = false,
    labels = true,
  }: {
    readonly rows?: number;
    /** incomes of the north are two standard deviations higher */
    readonly moved?: boolean;
    /** debt goes against income, while each by itself stays as it was */
    readonly turned?: boolean;
    readonly labels?: boolean;
  } = {},
): string {
  const random = createRandom(seed);
  const lines = [['id', 'income', 'debt', 'region', ...(labels ? ['buys'] : [])]];
  for (let i = 0; i < rows; i++) {
    const region = ['north', 'south', 'east'][Math.floor(random() * 3)] ?? 'north';
    const z = normal(random);
    const debt = 0.9 * (turned ? -z : z) + Math.sqrt(0.19) * normal(random);
    const income = z + (moved && region === 'north' ? 2 : 0);
    const wish = income + (region === 'south' ? 1 : 0) + 0.7 * normal(random);
    const cells = [`s${seed}-${i}`, income.toFixed(3), debt.toFixed(3), region];
    lines.push([...cells, ...(labels ? [wish > 0.5 ? 'yes' : 'no'] : [])]);
  }
  return linesOf(lines);
}

/** Some columns of a dataset without quotes, in the order asked for. */
export function columnsOf(csv: string, names: readonly string[]): string {
  const [header = [], ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const places = names.map((name) => header.indexOf(name));
  return linesOf([names, ...rows.map((row) => places.map((at) => row[at] ?? ''))]);
}

function linesOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.join(',')}\n`).join('');
}
