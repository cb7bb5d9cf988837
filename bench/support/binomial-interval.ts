/**
 * Wilson's 95 % interval of a proportion.
 * @see Wilson (1927), JASA 22:209–212.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
): { readonly low: number; readonly high: number } {
  const z = 1.959964;
  const share = successes / trials;
  const center = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (center - half) / scale), high: Math.min(1, (center + half) / scale) };
}
