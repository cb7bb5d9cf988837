import { kernelLender } from '../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** A number of the kernel's that changes. */
interface Variable {
  readonly value: number;
}

type SevenLimits = readonly [number, number, number, number, number, number, number];

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface NumbersKernel {
  readonly memory: KernelMemory;
  readonly values: Address;
  readonly sorted: Address;
  memoryEnd(n: number): number;
  sortFinite(n: number): number;
  begin(): void;
  follow(n: number): void;
  readonly finites: Variable;
  readonly rises: Variable;
  readonly falls: Variable;
  readonly fractions: Variable;
  mergeWeighted(
    n: number,
    m: number,
    firstWeight: number,
    secondWeight: number,
    step: number,
    length: number,
  ): void;
  countCells(n: number, ...limits: SevenLimits): void;
}

/** Lends this thread's kernel: see `kernelLender`. */
export const withNumbersKernel: KernelLender<NumbersKernel> =
  kernelLender<NumbersKernel>(KERNEL_BASE64);
