import { RandomForestClassifier } from 'ml-random-forest';

/** A forest that another program trained on the numbers of a file of loans: the package's own JSON. */
export function foreignForest(csv: string): Uint8Array {
  const [head = '', ...lines] = csv.trim().split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => line.split(','));
  const column = (name: string): string[] => rows.map((row) => row[names.indexOf(name)] ?? '');
  const [income, debt] = [column('income').map(Number), column('debt').map(Number)];
  const forest = new RandomForestClassifier({
    nEstimators: 10,
    maxFeatures: 2,
    replacement: false,
    seed: 1,
    useSampleBagging: true,
    noOOB: true,
    treeOptions: { minNumSamples: 3, gainThreshold: 0 },
  });
  forest.train(
    income.map((value, i) => [value, debt[i] ?? NaN]),
    column('defaulted').map((label) => (label === 'yes' ? 1 : 0)),
  );
  return new TextEncoder().encode(JSON.stringify(forest));
}
