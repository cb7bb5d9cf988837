/** What of WebAssembly is used here; every engine that runs Node or a browser has it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** A kernel's memory. Views of it are void once it has grown. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** An address in a kernel's memory. */
export interface Address {
  readonly value: number;
}

const PAGE_BYTES = 65_536;

/** The most that 32-bit addresses reach. */
const MAX_BYTES = 2 ** 32 - PAGE_BYTES;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A source of instances of a kernel, each with a memory of its own; it is compiled once, when first used. */
export function kernelOf(base64: string): () => unknown {
  let compiled: object | undefined;
  return () => {
    compiled ??= new WebAssembly.Module(bytesOfBase64(base64));
    return new WebAssembly.Instance(compiled, {}).exports;
  };
}

/** Memory of a kernel never shrinks: a larger one is not kept for the next use. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Where layouts begin; 0 is no address. */
export const MEMORY_START = 16;

/** Lends a kernel to a function, which has to lay out its memory and copy what it wants to keep. */
export type KernelLender<K> = <T>(use: (kernel: K) => T) => T;

/**
 * A lender of this thread's kernel. One is kept for the next use, as making one takes longer than growing a small
 * tree; a use inside of a use gets another one.
 * @param base64 of a kernel that exports what `K` says
 */
export function kernelLender<K extends { readonly memory: KernelMemory }>(
  base64: string,
): KernelLender<K> {
  const instance = kernelOf(base64);
  let idle: K | undefined;
  return (use) => {
    const kernel = idle ?? (instance() as K);
    idle = undefined;
    try {
      return use(kernel);
    } finally {
      if (kernel.memory.buffer.byteLength <= KEPT_BYTES) idle = kernel;
    }
  };
}

/**
 * Makes a kernel's memory reach up to an address.
 * @param what the memory is for, for the error
 * @throws RangeError if there can be no such memory
 */
export function reserve(memory: KernelMemory, end: number, what: string): void {
  if (end > MAX_BYTES) {
    const gigabytes = (end / 2 ** 30).toFixed(1);
    throw new RangeError(`${what} need ${gigabytes} GiB of memory; at most 4 GiB can be used`);
  }
  const pages = Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES);
  if (pages > 0) memory.grow(pages);
}

function bytesOfBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let bits = 0;
    for (let d = 0; d < 4; d++) bits = (bits << 6) | Math.max(0, DIGITS.indexOf(text[i + d]));
    // Bytes that only the padding stands for lie beyond the end, and are not stored.
    bytes[at++] = bits >> 16;
    bytes[at++] = bits >> 8;
    bytes[at++] = bits;
  }
  return bytes;
}
