import { createRandom } from '../../random.ts';

/**
 * Deals rows to folds at random, class by class, so that every fold has each class in its share.
 *
 * @param labels class index of each row
 * @returns the fold of each row, 0 to folds − 1; the same labels and seed give the same folds
 */
export function stratifiedFolds(labels: Int32Array, folds: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const order = Int32Array.from(labels, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  order.sort((a, b) => labels[a] - labels[b]);
  const foldOf = new Int32Array(labels.length);
  order.forEach((row, position) => (foldOf[row] = position % folds));
  return foldOf;
}
