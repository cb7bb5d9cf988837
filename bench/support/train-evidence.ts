import { writeFile } from 'node:fs/promises';
import { markdownTable } from './report.ts';

type Rows = readonly (readonly string[])[];

/** What a run of the benchmark of training measured, as text: tables with a header first. */
export interface TrainFigures {
  readonly fits: Rows;
  readonly scores: Rows;
  /** prediction, with its unit */
  readonly speed: string;
  /** arguments of the process */
  readonly command: readonly string[];
}

/** Writes docs/evidence/train.md anew. */
export async function writeEvidence({ fits, scores, speed, command }: TrainFigures): Promise<void> {
  const options = command.filter((word) => word.startsWith('--')).join(' ');
  const text = [
    '# Training: time, memory, score',
    '',
    `\`npm run bench:train -- ${options}\` made this page, in one run. Everything of ours is on one thread, each fit in a process of`,
    'its own: seconds are the median of three fits up to 10,000 rows and those of one fit above, peak memory is that of the whole',
    'process with its data. The data are as of scikit-learn’s `make_classification`: 20 features, 10 of them informative and 5',
    'redundant, 4 clusters a class, 3 % of labels drawn anew; for regression the outcome is a linear function of the informative',
    'features with noise. Scores are accuracy, and R² for regression, on 20,000 rows that no model was trained on. The peers are',
    'scikit-learn 1.9.1 and, for boosting, LightGBM 4.7.0, fitted to the same numbers with their defaults on one thread unless two',
    'are named; scikit-learn’s forest for regression tries a third of the features at a split, as ours does, and its forests are',
    'fitted up to 100,000 rows, above which they take many minutes. Forests have 100 trees of unlimited depth.',
    '',
    ...markdownTable(fits),
    '',
    '## Are the forests as good?',
    '',
    'The same comparison on several sets of data: a difference that is small beside its spread is none.',
    '',
    ...markdownTable(scores),
    '',
    '## Prediction',
    '',
    `A forest of 100 trees of depth 10 predicts ${speed} of 20 numbers on one thread, from the table to probabilities and labels.`,
    '',
  ];
  await writeFile(new URL('../../docs/evidence/train.md', import.meta.url), text.join('\n'));
}
