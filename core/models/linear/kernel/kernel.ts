import { kernelLender } from '../../../web-assembly.ts';
import type { Address, KernelLender, KernelMemory } from '../../../web-assembly.ts';
import { KERNEL_BASE64 } from './kernel-binary.ts';

/** What the kernel exports: see `assembly/`, where all of it is documented. */
export interface LinearKernel {
  readonly memory: KernelMemory;
  layout(from: number, rows: number, q: number, matrices: number): number;
  readonly stride: Address;
  readonly block: Address;
  readonly weights: Address;
  readonly outcomes: Address;
  readonly smalls: Address;
  readonly coefficients: Address;
  readonly gradient: Address;
  readonly grams: Address;

  addGram(rows: number, weighted: boolean, matrix: number): void;
  addLogLoss(rows: number, weighted: boolean): number;
  weighByCurvature(rows: number, weighted: boolean): void;
}

/** Lends this thread's kernel: see `kernelLender`. */
export const withLinearKernel: KernelLender<LinearKernel> =
  kernelLender<LinearKernel>(KERNEL_BASE64);
