/** Shares out memory from an address on, in parts that begin at multiples of 16. */
let end: f64 = 0;

export function beginLayout(from: f64): void {
  end = from;
}

/** Where the next part begins; 0 where there can be no memory. */
export function take(bytes: f64): usize {
  const at = end;
  end += Math.ceil(bytes / 16) * 16;
  return end < 4294967296 ? <usize>at : 0;
}

export function layoutEnd(): f64 {
  return end;
}
