import { kernelOf, reserve } from '../../web-assembly.ts';
import type { Address, KernelMemory } from '../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface ForestKernel {
  readonly memory: KernelMemory;

  layout(
    from: number,
    purpose: number,
    rows: number,
    features: number,
    classes: number,
    tried: number,
    maxDepth: number,
    minLeaf: number,
    weighted: boolean,
  ): number;
  growTree(seed: number): number;
  drawRows(seed: number): void;
  entryCount(): number;
  readonly codes: Address;
  readonly outcomes: Address;
  readonly cumulative: Address;
  readonly guide: Address;
  readonly draws: Address;
  readonly nodeFeature: Address;
  readonly nodeBin: Address;
  readonly nodeLeft: Address;
  readonly entryClass: Address;
  readonly entryValue: Address;
  readonly gains: Address;

  chunkLayout(
    from: number,
    capacity: number,
    features: number,
    sumWidth: number,
    mostNodes: number,
    mostEntries: number,
  ): number;
  findMissing(rows: number): void;
  clearSums(): void;
  prepareTree(nodes: number, valued: boolean, pair: boolean): void;
  walkTree(rows: number, valued: boolean): void;
  accumulate(rows: number): void;
  readonly chunkCodes: Address;
  readonly chunkSums: Address;
  readonly chunkLeaves: Address;
  readonly treeFeature: Address;
  readonly treeBin: Address;
  readonly treeLeft: Address;
  readonly treeEntryClass: Address;
  readonly treeEntryValue: Address;
}

/** Where layouts begin; 0 is no address. */
export const MEMORY_START = 16;

/** Memory of a kernel never shrinks: a larger one is not kept for the next use. */
const KEPT_BYTES = 64 * 2 ** 20;

const instance = kernelOf(KERNEL_BASE64);
let idle: ForestKernel | undefined;

/**
 * Lends this thread's kernel to a function, which has to lay out its memory and copy what it wants to keep.
 *
 * One is kept for the next use, as making one takes longer than growing a small tree; a use inside of a use gets
 * another one.
 */
export function withKernel<T>(use: (kernel: ForestKernel) => T): T {
  // What it exports is compiled from the sources beside this file.
  const kernel = idle ?? (instance() as ForestKernel);
  idle = undefined;
  try {
    return use(kernel);
  } finally {
    if (kernel.memory.buffer.byteLength <= KEPT_BYTES) idle = kernel;
  }
}

/**
 * Makes the kernel's memory as large as a layout needs. Views of it that were taken before are void.
 * @param end what the layout returned
 * @param what the memory is for, for the error
 * @throws RangeError if there can be no such memory
 */
export function reserveMemory({ memory }: ForestKernel, end: number, what: string): void {
  reserve(memory, end, `forest: ${what}`);
}
