import { telling } from '../damage.ts';
import { chooseMode, planBacktest, tryMode } from './backtest.ts';
import { finishTraining } from './finish-training.ts';
import { boost, growTrees, prepareFit } from './fit.ts';
import { planTraining } from './plan-training.ts';
import { openSearch, searchTrial } from './search.ts';

/** What the threads of a training can do. Each task loads, calls core, and stores. */
export const trainingTasks = {
  planBacktest: telling(planBacktest),
  tryMode,
  chooseMode,
  planTraining: telling(planTraining),
  openSearch,
  searchTrial,
  prepareFit,
  growTrees,
  boost,
  finishTraining,
};
