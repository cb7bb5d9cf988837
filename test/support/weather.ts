import { createRandom } from '../../core/random.ts';

/**
 * A dataset of readings: the temperature follows from sun, wind and station, with noise. Each file is the day
 * after the one before.
 * @param climate `mild`: wind cools; `harsh`: it does so three times as much, and everything is colder
 * @param day number of the file, from 1: seed and time
 */
export function weather(
  climate: 'mild' | 'harsh',
  day: number,
  { rows = 400 }: { readonly rows?: number } = {},
): string {
  const random = createRandom(day);
  const lines = ['at,sun,wind,station,temperature'];
  for (let i = 0; i < rows; i++) {
    const at = new Date(Date.UTC(2026, 0, day) + (i * 86_400_000) / rows).toISOString();
    const sun = random() * 12;
    const wind = random() * 20;
    const station = Math.floor(random() * 3);
    const cooling = climate === 'mild' ? 0.2 : 0.6;
    const temperature =
      (climate === 'mild' ? 15 : 5) + sun - cooling * wind + 2 * station + (random() - 0.5) * 2;
    lines.push(
      [at, sun.toFixed(2), wind.toFixed(2), `s${station}`, temperature.toFixed(2)].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}
