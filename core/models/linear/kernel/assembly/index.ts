export { addGram } from './gram';
export { addLogLoss, weighByCurvature } from './log-loss';
export {
  block,
  coefficients,
  gradient,
  grams,
  layout,
  outcomes,
  smalls,
  stride,
  weights,
} from './memory';
