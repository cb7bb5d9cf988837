/** Beyond this the squares and sums that detectors keep would leave the range of a double. */
const LARGEST_MAGNITUDE = 1e100;

/** @throws RangeError unless x is 0 or 1 */
export function checkError(detector: string, x: number): void {
  if (x !== 0 && x !== 1) {
    throw new RangeError(`${detector}: an outcome must be 0 (right) or 1 (error), got ${x}`);
  }
}

/** @throws RangeError unless x is in [0, 1] */
export function checkLoss(detector: string, x: number): void {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`${detector}: a loss must be in [0, 1], got ${x}`);
}

/** @throws RangeError unless x is a number of magnitude at most 1e100 */
export function checkNumber(detector: string, x: number): void {
  if (!(Math.abs(x) <= LARGEST_MAGNITUDE)) {
    throw new RangeError(`${detector}: a value must be a number within ±1e100, got ${x}`);
  }
}

/** @throws RangeError unless every one of the options is a whole number of at least `least` */
export function checkCounts(
  detector: string,
  least: number,
  options: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isSafeInteger(value) && value >= least)) {
      throw new RangeError(
        `${detector}: ${name} must be a whole number of at least ${least}, got ${value}`,
      );
    }
  }
}

/** @throws RangeError unless every one of the options is above 0 and below 1 */
export function checkShares(detector: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0 && value < 1)) {
      throw new RangeError(`${detector}: ${name} must be above 0 and below 1, got ${value}`);
    }
  }
}

/** @throws RangeError unless every one of the options is above 0 and finite */
export function checkPositive(detector: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`${detector}: ${name} must be above 0 and finite, got ${value}`);
    }
  }
}

/** @throws RangeError unless every one of the options is at least 0 and finite */
export function checkNotNegative(
  detector: string,
  options: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(`${detector}: ${name} must be at least 0 and finite, got ${value}`);
    }
  }
}

/**
 * Options of which one must not exceed the other, named in that order.
 * @throws RangeError if the first is above the second
 */
export function checkOrder(detector: string, options: Readonly<Record<string, number>>): void {
  const entries = Object.entries(options);
  for (let i = 1; i < entries.length; i++) {
    const [lower, low] = entries[i - 1];
    const [upper, high] = entries[i];
    if (!(low <= high)) {
      throw new RangeError(
        `${detector}: ${lower} must not be above ${upper}, got ${low} and ${high}`,
      );
    }
  }
}
