import { createRandom } from '../../core/random.ts';

/**
 * A dataset of loans: whether one defaults follows from debt and income, with noise.
 * @param world `old`: debt decides; `new`: debts are higher, and income decides
 */
export function loans(
  world: 'old' | 'new',
  seed: number,
  { rows = 400, target = true }: { readonly rows?: number; readonly target?: boolean } = {},
): string {
  const random = createRandom(seed);
  const header = ['income', 'debt', 'region', ...(target ? ['defaulted'] : [])];
  const lines = [header.join(',')];
  for (let i = 0; i < rows; i++) {
    const income = random() * 100;
    const debt = random() * 50 + (world === 'new' ? 20 : 0);
    const region = ['north', 'south', 'east'][Math.floor(random() * 3)] ?? 'north';
    const risk = world === 'old' ? debt / 50 : 1 - income / 100;
    const defaulted = risk + (random() - 0.5) * 0.2 > 0.5 ? 'yes' : 'no';
    const cells = [income.toFixed(2), debt.toFixed(2), region, ...(target ? [defaulted] : [])];
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}
