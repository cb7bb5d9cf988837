import type { Random } from '../../core/random.ts';

/** Rows of a small file, unless told otherwise. */
export const SMALL_ROWS = 80;

/** Deliveries as CSV: late more often when far away; nothing drifts. */
export function smallFile(random: Random, rows: number = SMALL_ROWS): string {
  const lines = ['distance,weight,carrier,late'];
  for (let i = 0; i < rows; i++) {
    const distance = random() * 100;
    const carrier = ['ant', 'bee', 'cat'][Math.floor(random() * 3)] ?? 'ant';
    const late = random() * 100 < distance ? 'yes' : 'no';
    lines.push(`${distance.toFixed(3)},${(random() * 20).toFixed(3)},${carrier},${late}`);
  }
  return `${lines.join('\n')}\n`;
}
