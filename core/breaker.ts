/**
 * The breaker: withholds retraining after repeated failure, so that a pipeline that cannot be mended by
 * training does not train for ever. JSON state plus steps, so that a workflow can carry it.
 *
 * closed → open after `maxFailures` failures in a row → half-open after the cool-down → one probe:
 * success closes it, failure opens it again with twice the cool-down, up to `maxCoolDownMs`.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly failures: number }
  | {
      readonly kind: 'open';
      /** ms since the epoch at which a probe is allowed */
      readonly until: number;
      readonly coolDownMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'half-open'; readonly coolDownMs: number };

export interface BreakerPolicy {
  readonly maxFailures: number;
  readonly coolDownMs: number;
  readonly maxCoolDownMs: number;
}

export const CLOSED_BREAKER: BreakerState = { kind: 'closed', failures: 0 };

/** The state at a moment: an open breaker whose cool-down is over is half-open. */
export function breakerAt(state: BreakerState, nowMs: number): BreakerState {
  if (state.kind !== 'open' || nowMs < state.until) return state;
  return { kind: 'half-open', coolDownMs: state.coolDownMs };
}

/** The state after a retraining that ended with a new champion. */
export function breakerAfterSuccess(): BreakerState {
  return CLOSED_BREAKER;
}

/**
 * The state after a retraining that failed: its retries were exhausted, or its challenger was refused.
 * @param reason what happened, for people
 */
export function breakerAfterFailure(
  state: BreakerState,
  policy: BreakerPolicy,
  nowMs: number,
  reason: string,
): BreakerState {
  if (state.kind === 'closed' && state.failures + 1 < policy.maxFailures) {
    return { kind: 'closed', failures: state.failures + 1 };
  }
  const wanted = state.kind === 'closed' ? policy.coolDownMs : state.coolDownMs * 2;
  const coolDownMs = Math.min(wanted, policy.maxCoolDownMs);
  return { kind: 'open', until: nowMs + coolDownMs, coolDownMs, reason };
}
