import { kernelLender, reserve } from '../../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../../web-assembly.ts';
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
}

/** Lends this thread's kernel: see `kernelLender`. */
export const withKernel: KernelLender<ForestKernel> = kernelLender<ForestKernel>(KERNEL_BASE64);

/**
 * Makes the kernel's memory as large as a layout needs. Views of it that were taken before are void.
 * @param end what the layout returned
 * @param what the memory is for, for the error
 * @throws RangeError if there can be no such memory
 */
export function reserveMemory({ memory }: ForestKernel, end: number, what: string): void {
  reserve(memory, end, `forest: ${what}`);
}
