import { kernelLender, reserve } from '../../web-assembly.ts';
import type { Address, KernelMemory } from '../../web-assembly.ts';
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

const lend = kernelLender<NumbersKernel>(KERNEL_BASE64);

/**
 * Lends this thread's kernel: see `kernelLender`.
 * @param length of the numbers that lie from its `values` on, which are given to `use` as well
 * @param what they are for, for the error
 * @throws RangeError if there can be no such memory
 */
export function withNumbersKernel<T>(
  length: number,
  what: string,
  use: (kernel: NumbersKernel, numbers: Float64Array) => T,
): T {
  return lend((kernel) => {
    const from = kernel.values.value;
    reserve(kernel.memory, from + Float64Array.BYTES_PER_ELEMENT * length, what);
    return use(kernel, new Float64Array(kernel.memory.buffer, from, length));
  });
}
