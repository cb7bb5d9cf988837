import type { ModeChoice } from '../../core/models/retrain/choose-mode.ts';
import type { Damage, ModelRef } from '../../workflows/contract.ts';
import type { RetrainMode } from '../../core/models/retrain/modes.ts';
import { addModeTrial, madeTrials, type TooLarge, type TrialResult } from './backtest.ts';
import { beside } from '../damage.ts';
import type { Compute } from '../compute.ts';
import type { TrainInput } from './training-data.ts';
import type { TrainingWork } from './training-work.ts';

/**
 * Tries the modes of `auto` out on the last files, every trial of every mode a task, and chooses one.
 * Trials that an earlier attempt finished are not repeated. They share the memory that a fit may take; those that need
 * more than their share come one after the other when the rest is done, and a mode that needs more than all is left out.
 */
export async function backtestOnThreads(
  input: TrainInput & { readonly parent: ModelRef },
  compute: Compute,
  { signal, report, finished }: TrainingWork,
): Promise<{ readonly choice: ModeChoice } & Damage> {
  report({ done: 0, note: 'finding the files to try the modes out on' });
  const backtest = await compute.run('planBacktest', { input }, { signal });
  const { modes, trials } = backtest;
  const made = await madeTrials(backtest, compute.checkpoints);
  const parts = finished.of(backtest.work);
  let done = 0;
  const tried = async (
    mode: RetrainMode,
    trial: number,
    together: number,
  ): Promise<TrialResult | TooLarge> => {
    const task = { input, backtest, mode, trial, together };
    const before = made.of(mode, trial);
    const result = before ?? (await compute.run('tryMode', task, { signal }));
    if (result.kind === 'too large' && together > 1) return result;
    done += 1;
    report({
      done: done / (modes.length * trials),
      note: `trying out modes: ${done} of ${modes.length * trials} trials, last '${mode}'`,
    });
    if (before === undefined && result.kind !== 'too large') {
      await addModeTrial(parts, { mode, trial, result });
    }
    return result;
  };
  const numbers = Array.from({ length: trials }, (_, trial) => trial);
  const atOnce = await Promise.all(
    modes.map((mode) => Promise.all(numbers.map((trial) => tried(mode, trial, compute.threads)))),
  );
  const results: TrialResult[][] = modes.map(() => []);
  for (const [m, mode] of modes.entries()) {
    for (const [trial, first] of (atOnce[m] ?? []).entries()) {
      // One that is too large beside others has the memory to itself.
      const result = first.kind === 'too large' ? await tried(mode, trial, 1) : first;
      const { kind } = result;
      results[m]?.push(kind === 'too large' ? { kind: 'left out', reason: result.reason } : result);
    }
  }
  const choice = await compute.run('chooseMode', { input, backtest, results }, { signal });
  return beside({ choice }, backtest.damage ?? []);
}
