export { drawRows, entryCount, growTree } from './grow';
export {
  codes,
  cumulative,
  draws,
  entryClass,
  entryValue,
  gains,
  guide,
  layout,
  nodeBin,
  nodeFeature,
  nodeLeft,
  outcomes,
} from './workspace';
