import type { Targets } from './input/targets.ts';

/** A copy in memory that threads can share, so that sending it to one copies nothing. */
export function sharedNumbers(values: Float64Array): Float64Array<SharedArrayBuffer> {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Targets in memory that threads can share. */
export function sharedTargets(targets: Targets): Targets {
  if (targets.kind === 'regression') return { ...targets, values: sharedNumbers(targets.values) };
  const labels = new Int32Array(new SharedArrayBuffer(targets.labels.byteLength));
  labels.set(targets.labels);
  return { ...targets, labels };
}
