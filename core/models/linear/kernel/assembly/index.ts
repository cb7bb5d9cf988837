export { addGram, block, grams, layout, stride, weights } from './gram';
