/** The generator of core/random.ts (mulberry32), number for number. */
let state: u32 = 0;

export function seedRandom(seed: u32): void {
  state = seed;
}

/** A whole number from 0 to k − 1: floor(random() · k). */
export function randomBelow(k: f64): i32 {
  return <i32>(random() * k);
}

/** A number in [0, 1). */
export function random(): f64 {
  state += 0x6d2b79f5;
  let t = state;
  t = (t ^ (t >>> 15)) * (t | 1);
  t ^= t + (t ^ (t >>> 7)) * (t | 61);
  return <f64>(t ^ (t >>> 14)) / 4294967296.0;
}
