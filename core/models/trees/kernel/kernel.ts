import { kernelLender } from '../../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface WalkKernel {
  readonly memory: KernelMemory;
  chunkLayout(
    from: number,
    capacity: number,
    features: number,
    sumWidth: number,
    mostNodes: number,
    mostEntries: number,
  ): number;
  fillTiles(rows: number): void;
  prepareTree(nodes: number, says: number): void;
  walkTree(rows: number, value: number): void;
  accumulate(rows: number): void;
  readonly chunkCodes: Address;
  readonly chunkSums: Address;
  readonly chunkLeaves: Address;
  readonly treeFeature: Address;
  readonly treeBin: Address;
  readonly treeLeft: Address;
  readonly treeValue: Address;
  readonly treeEntryClass: Address;
  readonly treeEntryValue: Address;
}

/** What a leaf gives when rows have walked to it, as `prepareTree` takes it. */
export const LEAF_SAYS = {
  firstEntry: 0,
  entryValue: 1,
  secondShare: 2,
  ownValue: 3,
} as const;

/** Lends this thread's kernel: see `kernelLender`. */
export const withWalkKernel: KernelLender<WalkKernel> = kernelLender<WalkKernel>(KERNEL_BASE64);
