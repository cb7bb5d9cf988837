import type { ModeChoice } from '../core/models/retrain/choose-mode.ts';
import type { ModelRef } from '../workflows/contract.ts';
import type { TrialResult } from './backtest.ts';
import type { Compute } from './compute.ts';
import type { Work } from './create-compute-activities.ts';
import type { TrainInput } from './training-data.ts';

/**
 * Tries the modes of `auto` out on the last files, every trial of every mode a task, and chooses one.
 * Trials that an earlier attempt finished are not repeated.
 */
export async function backtestOnThreads(
  input: TrainInput & { readonly parent: ModelRef },
  compute: Compute,
  { signal, report }: Work,
): Promise<{ readonly work: string; readonly choice: ModeChoice }> {
  report({ done: 0, note: 'finding the files to try the modes out on' });
  const backtest = await compute.run('planBacktest', { input }, { signal });
  const { modes, trials } = backtest;
  let done = 0;
  const results = await Promise.all(
    modes.map((mode) =>
      Promise.all(
        Array.from({ length: trials }, async (_, trial): Promise<TrialResult> => {
          const result = await compute.run('tryMode', { input, backtest, mode, trial }, { signal });
          done += 1;
          report({
            done: done / (modes.length * trials),
            note: `trying out modes: ${done} of ${modes.length * trials} trials, last '${mode}'`,
          });
          return result;
        }),
      ),
    ),
  );
  const choice = await compute.run('chooseMode', { input, backtest, results }, { signal });
  return { work: backtest.work, choice };
}
