/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A seeded generator (mulberry32): the same seed gives the same numbers on every machine.
 * @param seed any integer; only its lowest 32 bits count
 * @see Tommy Ettinger's Mulberry32; period 2^32, ample for sampling, not for cryptography
 */
export function createRandom(seed: number): Random {
  // A signed 32-bit number is kept in place; an unsigned one beyond 2^31 would be allocated anew with each draw.
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Draws with replacement, over and over: fills an array with how often each of its n places comes up in n draws.
 * @param seed as of `createRandom`, whose numbers u it turns into the places ⌊u · n⌋
 */
export function createRedraw(seed: number): (times: Int32Array) => void {
  let state = seed | 0;
  return (times) => {
    const n = times.length;
    times.fill(0);
    // Exact, as u is: n by a power of two.
    const scale = n / 4294967296;
    // `createRandom` in a loop of its own: its numbers would be allocated one by one, at twice the time.
    let s = state;
    for (let i = 0; i < n; i++) {
      s = (s + 0x6d2b79f5) | 0;
      let t = s;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      times[(((t ^ (t >>> 14)) >>> 0) * scale) | 0]++;
    }
    state = s;
  };
}

/** A seed derived from a base seed and a stream number, so that parallel parts draw independently. */
export function deriveSeed(seed: number, stream: number): number {
  let h = Math.imul((seed >>> 0) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
