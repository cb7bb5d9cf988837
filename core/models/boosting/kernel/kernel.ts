import { kernelOf, reserve } from '../../../web-assembly.ts';
import type { Address, KernelMemory } from '../../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** Numbers a feature in a histogram: for each of 256 bins the sum of gradients and that of packed curvatures. */
export const FEATURE_SIZE: number = 512;

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface BoostingKernel {
  readonly memory: KernelMemory;
  layout(from: number, rows: number, features: number, outputs: number, slots: number): number;
  readonly codes: Address;
  readonly gradients: Address;
  readonly curvatures: Address;
  readonly outcomes: Address;
  readonly weights: Address;
  readonly scores: Address;
  readonly histograms: Address;

  logisticDerivatives(weighted: boolean): void;
  beginTree(share: number): void;
  fill(start: number, end: number, slot: number): void;
  subtract(slot: number, childSlot: number): void;
  partition(start: number, end: number, feature: number, bin: number, missingLeft: boolean): number;
  gradientOf(start: number, end: number): number;
  curvatureOf(start: number, end: number): number;
  addToScores(start: number, end: number, value: number, outputs: number, output: number): void;

  findSplit(slot: number, minLeaf: number, l2: number, share: number): void;
  readonly gain: Address;
  readonly splitFeature: Address;
  readonly splitBin: Address;
  readonly missingSide: Address;
}

export interface KernelSize {
  readonly rows: number;
  readonly features: number;
  /** scores a row */
  readonly outputs: number;
  /** histograms that are held at a time */
  readonly slots: number;
}

/** Where layouts begin; 0 is no address. */
const MEMORY_START = 64;

const instance = kernelOf(KERNEL_BASE64);

/** A kernel with memory for so many rows, and the parts of it that the caller writes. */
export interface BoostingMemory {
  readonly kernel: BoostingKernel;
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
  /** outcome of each row, 0 or 1, and its weight: for `logisticDerivatives` */
  readonly outcomes: Float64Array;
  readonly weights: Float64Array;
  /** row-major, rows × outputs */
  readonly scores: Float64Array;
}

/**
 * A kernel that holds the bins of some rows.
 * @param codes column-major, features × rows
 * @throws RangeError if there can be no such memory
 */
export function createBoostingKernel(
  { rows, features, outputs, slots }: KernelSize,
  codes: Uint8Array,
): BoostingMemory {
  // What it exports is compiled from the sources beside this file.
  const kernel = instance() as BoostingKernel;
  const end = kernel.layout(MEMORY_START, rows, features, outputs, slots);
  reserve(kernel.memory, end, `boosting: ${rows} rows × ${features} features`);
  const { buffer } = kernel.memory;
  writeCodes(codes, rows, features, new Uint8Array(buffer, kernel.codes.value));
  return {
    kernel,
    gradients: new Float64Array(buffer, kernel.gradients.value, rows),
    curvatures: new Float64Array(buffer, kernel.curvatures.value, rows),
    outcomes: new Float64Array(buffer, kernel.outcomes.value, rows),
    weights: new Float64Array(buffer, kernel.weights.value, rows),
    scores: new Float64Array(buffer, kernel.scores.value, rows * outputs),
  };
}

/** Bytes that a kernel takes. */
export function kernelBytes({ rows, features, outputs, slots }: KernelSize): number {
  return (instance() as BoostingKernel).layout(MEMORY_START, rows, features, outputs, slots);
}

/** Puts the bins of four features of a row beside each other. */
function writeCodes(codes: Uint8Array, rows: number, features: number, out: Uint8Array): void {
  for (let j = 0; j < features; j++) {
    const from = j * rows;
    const to = (j >> 2) * rows * 4 + (j & 3);
    for (let i = 0; i < rows; i++) out[to + 4 * i] = codes[from + i];
  }
}
