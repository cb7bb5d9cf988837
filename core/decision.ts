import type { BreakerState } from './breaker.ts';
import type { Comparison, Performance } from './models/evaluation.ts';

/** What a run does, and why in one sentence. */
export interface Decision {
  readonly action: Action;
  readonly reason: string;
}

export type Action = 'train' | 'keep' | 'retrain' | 'rollback' | 'predict' | 'withhold';

export type RetrainOn = 'harm' | 'drift' | 'performance' | 'any' | 'never';

/** What is known about a file when the decision is taken. */
export interface Evidence {
  readonly labelled: boolean;
  readonly hasChampion: boolean;
  readonly predictionOnly: boolean;
  readonly drift: {
    readonly materialCount: number;
    readonly material: readonly string[];
    readonly testedColumns: number;
    readonly insufficient: number;
  } | null;
  readonly performance: Performance | null;
  /** previous model against champion on this file; `promote` means that previous is better */
  readonly previous: Comparison | null;
  readonly breaker: BreakerState;
  /** set when a person asked for a retraining */
  readonly forced: { readonly by: string; readonly why: string } | null;
}

export interface DecisionPolicy {
  readonly retrainOn: RetrainOn;
  readonly falseAlarmRate: number;
}

/** Stub signature: see the implementation in this file. */
export declare function decide(evidence: Evidence, policy: DecisionPolicy): Decision;
