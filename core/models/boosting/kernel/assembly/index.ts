export { fill, subtract } from './histogram';
export { logisticDerivatives } from './logistic';
export {
  codes,
  curvatures,
  gradients,
  histograms,
  layout,
  outcomes,
  scores,
  weights,
} from './memory';
export { addToScores, beginTree, curvatureOf, gradientOf, partition } from './rows';
export { findSplit, gain, missingSide, splitBin, splitFeature } from './split';
