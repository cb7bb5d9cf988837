import { chooseMode, planBacktest, tryMode } from './training/backtest.ts';
import { compareModels, compareOnFiles } from './models/compare-models.ts';
import { detectDrift } from './examine/detect-drift.ts';
import { estimatePerformance } from './examine/estimate-performance.ts';
import { evaluateChampion } from './examine/evaluate-champion.ts';
import { finishTraining } from './training/finish-training.ts';
import { boost, growTrees, prepareFit } from './training/fit.ts';
import { ingest } from './datasets/ingest.ts';
import { scorePredictions } from './datasets/late-labels.ts';
import { notify } from './notify.ts';
import { planTraining } from './training/plan-training.ts';
import { predict } from './models/predict.ts';
import { openSearch, searchTrial } from './training/search.ts';

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
