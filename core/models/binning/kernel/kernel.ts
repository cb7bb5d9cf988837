import { kernelLender } from '../../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface BinKernel {
  readonly memory: KernelMemory;
  readonly memoryEnd: Address;
  readonly borders: Address;
  readonly firstBorder: Address;
  readonly values: Address;
  readonly bins: Address;
  findBins(count: number, low: number, scale: number, cells: number): void;
}

/** Lends this thread's kernel: see `kernelLender`. */
export const withBinKernel: KernelLender<BinKernel> = kernelLender<BinKernel>(KERNEL_BASE64);
