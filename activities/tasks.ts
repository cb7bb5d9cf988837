import { compareModels } from './compare-models.ts';
import { detectDrift } from './detect-drift.ts';
import { evaluateChampion } from './evaluate-champion.ts';
import { ingest } from './ingest.ts';
import { notify } from './notify.ts';
import { predict } from './predict.ts';
import { finishTraining, growTrees, prepareTraining } from './train.ts';

/** What compute threads can do. Each is load → core → store. */
export const tasks = {
  ingest,
  detectDrift,
  evaluateChampion,
  compareModels,
  predict,
  notify,
  prepareTraining,
  growTrees,
  finishTraining,
};
