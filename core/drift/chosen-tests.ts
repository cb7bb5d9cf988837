import type { Random } from '../random.ts';
import { andersonDarlingTest } from '../stats/anderson-darling.ts';
import { baumgartnerWeissSchindlerTest } from '../stats/baumgartner-weiss-schindler.ts';
import { chiSquareHomogeneity } from '../stats/chi-square.ts';
import { cramerVonMisesTest } from '../stats/cramer-von-mises.ts';
import { eppsSingletonTest } from '../stats/epps-singleton.ts';
import { fisherExact } from '../stats/fisher.ts';
import { gTest } from '../stats/g-test.ts';
import { ksTwoSample } from '../stats/ks.ts';
import { kuiperTest } from '../stats/kuiper.ts';
import { mannWhitneyTest } from '../stats/mann-whitney.ts';
import type { TwoSampleOutcome } from '../stats/two-sample.ts';
import { welchTTest } from '../stats/welch-t.ts';
import type { LevelCounts } from './levels.ts';
import type { Change } from './report.ts';
import { sampleOf } from './summary/sorted-sample.ts';
import type { SortedSample } from './summary/sorted-sample.ts';

/** Tests of the distribution of numbers that a pipeline may ask for; `auto` is `ks`. */
export const NUMERIC_TESTS = [
  'auto',
  'ks',
  'kuiper',
  'cramer-von-mises',
  'anderson-darling',
  'mann-whitney',
  'welch-t',
  'epps-singleton',
  'baumgartner-weiss-schindler',
] as const;
export type NumericTest = (typeof NUMERIC_TESTS)[number];

/** Tests of shares of categories that a pipeline may ask for; `auto` is `chi-square`, which is exact where it must be. */
export const CATEGORICAL_TESTS = ['auto', 'chi-square', 'g', 'fisher'] as const;
export type CategoricalTest = (typeof CATEGORICAL_TESTS)[number];

/** The outcome of a test that was made. */
export interface ChosenTest extends Pick<Change, 'test' | 'statistic' | 'pValue'> {
  /** why another test than the one that the pipeline asks for was made; absent where it was that one */
  readonly instead?: string;
}

type OtherTest = Exclude<NumericTest, 'auto' | 'ks'>;

const TESTS: Readonly<
  Record<
    OtherTest,
    readonly [Change['test'], (before: Float64Array, now: Float64Array) => TwoSampleOutcome]
  >
> = {
  kuiper: ['Kuiper', kuiperTest],
  'cramer-von-mises': ['Cramér–von Mises', cramerVonMisesTest],
  'anderson-darling': ['Anderson–Darling', andersonDarlingTest],
  'mann-whitney': ['Mann–Whitney U', mannWhitneyTest],
  'welch-t': ['Welch t', welchTTest],
  'epps-singleton': ['Epps–Singleton', eppsSingletonTest],
  'baumgartner-weiss-schindler': ['Baumgartner–Weiss–Schindler', baumgartnerWeissSchindlerTest],
};

/**
 * Tests numbers as the pipeline asks for, or by Kolmogorov–Smirnov where that test is not valid on them, as some are
 * not under heavy ties: the outcome says so. The choice depends on ties and n, not on what differs.
 *
 * Beyond 100,000 values the tests other than Kolmogorov–Smirnov see the 100,000 quantiles of the summary, as a sample
 * of that size: with a larger p-value than all values would give. Likewise of a sample that counts as fewer values than it has.
 */
export function testNumbers(
  name: NumericTest,
  reference: SortedSample,
  current: SortedSample,
): ChosenTest {
  let refused = '';
  if (name !== 'auto' && name !== 'ks') {
    const [test, run] = TESTS[name];
    const result = run(
      sampleOf(reference.values, reference.count).values,
      sampleOf(current.values, current.count).values,
    );
    if (result.kind === 'tested') {
      return { test, statistic: result.statistic, pValue: result.pValue };
    }
    refused = `${test} does not fit: ${result.reason}`;
  }
  const { statistic, pValue } = ksTwoSample(reference.values, current.values, {
    n: reference.count,
    m: current.count,
    error: reference.rankError + current.rankError,
  });
  const made = { test: 'Kolmogorov–Smirnov', statistic, pValue } as const;
  return refused === '' ? made : { ...made, instead: refused };
}

/**
 * Tests shares of categories as the pipeline asks for, or by χ² where that test does not fit: Fisher's to more than
 * two categories, G to tables too sparse for it.
 */
export function testLevels(
  name: CategoricalTest,
  { reference, current }: Pick<LevelCounts, 'reference' | 'current'>,
  random: Random,
): ChosenTest {
  const { statistic, pValue, method } = chiSquareHomogeneity(reference, current, random);
  const made = { test: method, statistic, pValue } as const;
  switch (name) {
    case 'auto':
    case 'chi-square':
      return made;
    case 'g': {
      const result = gTest(reference, current);
      return result.kind === 'tested'
        ? { test: 'G', statistic: result.statistic, pValue: result.pValue }
        : { ...made, instead: `G does not fit: ${result.reason}` };
    }
    case 'fisher': {
      if (reference.length !== 2) {
        return { ...made, instead: `Fisher’s exact does not fit: ${reference.length} categories` };
      }
      const exact = fisherExact(
        { count: reference[0], total: reference[0] + reference[1] },
        { count: current[0], total: current[0] + current[1] },
      );
      return { test: 'Fisher’s exact', statistic, pValue: exact };
    }
  }
}
