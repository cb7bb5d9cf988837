export { fill, subtract } from './histogram';
export { codes, curvatures, gradients, histograms, layout, scores } from './memory';
export { addToScores, beginTree, curvatureOf, gradientOf, partition } from './rows';
export { findSplit, gain, missingSide, splitBin, splitFeature } from './split';
