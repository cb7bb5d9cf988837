const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds of a duration as pipelines write it: a whole number and a unit, such as `30m` or `2h`.
 * @throws RangeError if the text is not of that form
 */
export function durationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (match === null)
    throw new RangeError(`duration: expected a number with ms, s, m, h or d, got '${text}'`);
  return Number(match[1]) * UNIT_MS[match[2]];
}
