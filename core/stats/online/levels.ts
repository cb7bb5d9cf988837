/**
 * How long the false-alarm rate of a pipeline holds.
 *
 * - `file`: for each file by itself: in n files without drift, n · rate false alarms are expected.
 * - `horizon`: over that many files in a row, an equal part each (Bonferroni).
 * - `spending`: over all files that will ever come, the earliest with the largest parts (alpha-spending): the
 *   chance of any false alarm, ever, is at most the rate.
 * - `lord`, `saffron`: of the alarms raised, at most this share is false on average (false discovery rate). An
 *   alarm earns the files after it a larger part, so that power does not run out as with spending.
 */
export type Over = 'file' | 'horizon' | 'spending' | 'lord' | 'saffron';

/** The part of a pipeline's detection that says which promise is made. */
export interface OnlinePromise {
  /** in (0, 1) */
  readonly falseAlarmRate: number;
  /** files, 1 and above */
  readonly horizon?: number | undefined;
  /** absent: `horizon` where there is one, else `file` */
  readonly over?: Over | undefined;
}

/**
 * What has to be remembered from file to file: plain JSON of a few hundred bytes, however many files there
 * were.
 */
export interface OnlineState {
  /** the promise that it belongs to; under another one it starts afresh */
  readonly over: Over;
  /** files counted so far; SAFFRON does not count those with p ≤ ½ */
  readonly clock: number;
  readonly alarms: number;
  /** the clock after each of the newest alarms, oldest first */
  readonly alarmsAt: readonly number[];
}

/** A p-value above this is one that SAFFRON takes for a file without drift. */
const CANDIDATE = 0.5;
/** Part of the rate that is there before the first alarm. */
const INITIAL = 0.5;
/** Alarms so old that they are forgotten: that makes levels smaller, never larger. */
const MAX_ALARMS = 50;

const FRESH: Omit<OnlineState, 'over'> = { clock: 0, alarms: 0, alarmsAt: [] };

const ruleOf = ({ over, horizon }: OnlinePromise): Over =>
  over ?? (horizon === undefined ? 'file' : 'horizon');

/**
 * The false-alarm rate that the next file has, over all of its tests: an alarm is right if the file's p-value
 * is at or below it.
 *
 * spending: α γ_t. LORD++: w₀γ_t + (α − w₀) γ_{t−τ₁} + α Σ_{j≥2} γ_{t−τ_j} for alarms at τ_j, w₀ = α/2. SAFFRON:
 * half of the same over a clock that stands still at p ≤ ½, and at most ½.
 *
 * LORD and SAFFRON hold where the p-values of files without drift are independent. Those of files compared
 * with one reference are not quite: they share its luck, the less so the larger the reference.
 *
 * @param state what `afterFile` gave back for the file before; null or undefined for the first one
 * @returns in (0, 1)
 * @throws RangeError if the rate is not in (0, 1) or the horizon is not a whole number of at least 1
 * @see Foster & Stine (2008), JRSS B 70:429–444; Ramdas et al. (2017), NIPS 30, "Online control of the false
 *   discovery rate with decaying memory"; Ramdas et al. (2018), ICML 35, "SAFFRON"; Javanmard & Montanari
 *   (2018), Ann. Stat. 46:526–554, equation 31 for γ.
 */
export function levelOfNextFile(
  state: OnlineState | null | undefined,
  promise: OnlinePromise,
): number {
  const { falseAlarmRate: rate, horizon = 1 } = promise;
  if (!(rate > 0 && rate < 1)) {
    throw new RangeError(`false-alarm rate: expected a share between 0 and 1, got ${rate}`);
  }
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`horizon: expected a whole number of at least 1, got ${horizon}`);
  }
  const over = ruleOf(promise);
  const known = state?.over === over ? state : FRESH;
  switch (over) {
    case 'file':
      return rate;
    case 'horizon':
      return rate / horizon;
    case 'spending':
      return rate * slow(known.clock + 1);
    case 'lord':
      return wealth(known, rate, slow);
    case 'saffron':
      return Math.min(CANDIDATE, (1 - CANDIDATE) * wealth(known, rate, fast));
  }
}

/**
 * The state after a file.
 * @param pValue of the file, over all that was asked of it; null if nothing could be tested, which leaves the
 *   state as it is
 * @throws RangeError if the p-value is not from 0 to 1
 */
export function afterFile(
  state: OnlineState | null | undefined,
  promise: OnlinePromise,
  pValue: number | null,
): OnlineState {
  const over = ruleOf(promise);
  const known = state?.over === over ? state : { over, ...FRESH };
  if (pValue === null) return known;
  if (!(pValue >= 0 && pValue <= 1)) {
    throw new RangeError(`p-value of a file: expected a number from 0 to 1, got ${pValue}`);
  }
  const stands = over === 'saffron' && pValue <= CANDIDATE;
  const clock = known.clock + (stands ? 0 : 1);
  if (pValue > levelOfNextFile(state, promise)) return { ...known, clock };
  const alarmsAt = [...known.alarmsAt, clock].slice(-MAX_ALARMS);
  return { over, clock, alarms: known.alarms + 1, alarmsAt };
}

type Shares = (position: number) => number;

function wealth(state: Omit<OnlineState, 'over'>, rate: number, gamma: Shares): number {
  const { clock, alarms, alarmsAt } = state;
  const oldest = alarms - alarmsAt.length;
  return alarmsAt.reduce(
    (sum, at, index) => {
      const earned = oldest + index === 0 ? rate * (1 - INITIAL) : rate;
      return sum + earned * gamma(clock - at + 1);
    },
    rate * INITIAL * gamma(clock + 1),
  );
}

/** γ_j of LORD and of alpha-spending, for j from 1 on; together 1. */
const slow: Shares = (j) =>
  (0.07720838 * Math.log(Math.max(j, 2))) / (j * Math.exp(Math.sqrt(Math.log(j))));

/** γ_j of SAFFRON: ∝ j^(−1.6), together 1. */
const fast: Shares = (j) => 0.4374901658 / j ** 1.6;
