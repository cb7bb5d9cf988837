import { kernelLender } from '../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface SortKernel {
  readonly memory: KernelMemory;
  readonly values: Address;
  readonly sorted: Address;
  memoryEnd(n: number): number;
  sortFinite(n: number): number;
}

/** Lends this thread's kernel: see `kernelLender`. */
export const withSortKernel: KernelLender<SortKernel> = kernelLender<SortKernel>(KERNEL_BASE64);
