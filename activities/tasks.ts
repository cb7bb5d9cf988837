import { telling } from './damage.ts';
import { compareModels, compareOnFiles } from './models/compare-models.ts';
import { detectDrift } from './examine/detect-drift.ts';
import { estimatePerformance } from './examine/estimate-performance.ts';
import { evaluateChampion } from './examine/evaluate-champion.ts';
import { examine } from './examine/examine.ts';
import { ingest } from './datasets/ingest.ts';
import { scorePredictions } from './datasets/late-labels.ts';
import { notify } from './notify.ts';
import { findSoundModel } from './models/find-sound-model.ts';
import { predict } from './models/predict.ts';

/** What a compute process can do beside training. Each task loads, calls core, and stores. */
export const tasks = {
  ingest: telling(ingest),
  examine: telling(examine),
  detectDrift: telling(detectDrift),
  estimatePerformance: telling(estimatePerformance),
  evaluateChampion: telling(evaluateChampion),
  compareModels: telling(compareModels),
  compareOnFiles: telling(compareOnFiles),
  scorePredictions,
  predict,
  findSoundModel: telling(findSoundModel),
  notify,
};
