import { chooseMode, planBacktest, tryMode } from './backtest.ts';
import { compareModels, compareOnFiles } from './compare-models.ts';
import { detectDrift } from './detect-drift.ts';
import { estimatePerformance } from './estimate-performance.ts';
import { evaluateChampion } from './evaluate-champion.ts';
import { finishTraining } from './finish-training.ts';
import { boost, growTrees, prepareFit } from './fit.ts';
import { ingest } from './ingest.ts';
import { scorePredictions } from './late-labels.ts';
import { notify } from './notify.ts';
import { planTraining } from './plan-training.ts';
import { predict } from './predict.ts';
import { openSearch, searchTrial } from './search.ts';

/** What compute threads can do. Each is load → core → store. */
export const tasks = {
  ingest,
  detectDrift,
  estimatePerformance,
  evaluateChampion,
  compareModels,
  compareOnFiles,
  scorePredictions,
  predict,
  notify,
  planBacktest,
  tryMode,
  chooseMode,
  planTraining,
  openSearch,
  searchTrial,
  prepareFit,
  growTrees,
  boost,
  finishTraining,
};
