import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Action, Decision } from '../core/decision.ts';
import type { RunOutcome, Stage } from './contract.ts';
import { searchAttribute } from './search-attributes.ts';

/**
 * What lists of workflows show of a run: its stage, what was decided, and its outcome. Each upsert is an event and a
 * write to the visibility store, so a run that keeps its champion has one of them: what it decides is how it ends.
 */
export class RunAttributes {
  #stage: Stage | 'done' = 'ingest';
  #outcome: RunOutcome | null = null;
  readonly #hasOutcome: boolean;

  /** @param hasOutcome false for a run that older code began: it wrote no outcome, and each stage anew */
  constructor(hasOutcome: boolean) {
    this.#hasOutcome = hasOutcome;
  }

  /** Stages that pass in a moment are left to the query and to the workflow's history. */
  enter(stage: Stage): void {
    if (!SHOWN_STAGES.has(stage)) return;
    if (this.#stage === stage && this.#hasOutcome) return;
    this.#stage = stage;
    upsertSearchAttributes([searchAttribute('CalmopsStage', stage)]);
  }

  decided({ action }: Decision, driftScore: number | null): void {
    const { stage, outcome } = LEADS_TO[action];
    this.#stage = stage;
    this.#outcome = outcome;
    upsertSearchAttributes([
      searchAttribute('CalmopsAction', action),
      searchAttribute('CalmopsStage', stage),
      ...(driftScore === null ? [] : [searchAttribute('CalmopsDriftScore', driftScore)]),
      ...(outcome === null ? [] : [searchAttribute('CalmopsOutcome', outcome)]),
    ]);
  }

  ended(outcome: RunOutcome): void {
    if (this.#outcome === outcome || !this.#hasOutcome) return;
    this.#outcome = outcome;
    this.#stage = 'done';
    upsertSearchAttributes([
      searchAttribute('CalmopsOutcome', outcome),
      searchAttribute('CalmopsStage', 'done'),
    ]);
  }
}

const SHOWN_STAGES: ReadonlySet<Stage> = new Set<Stage>(['train', 'predict']);

/** The stage that follows a decision, and the outcome where the decision is the last thing that can change it. */
const LEADS_TO: Readonly<
  Record<Action, { readonly stage: Stage | 'done'; readonly outcome: RunOutcome | null }>
> = {
  keep: { stage: 'done', outcome: 'kept' },
  withhold: { stage: 'done', outcome: 'withheld' },
  train: { stage: 'train', outcome: null },
  retrain: { stage: 'train', outcome: null },
  predict: { stage: 'predict', outcome: null },
  promote: { stage: 'promote', outcome: null },
  rollback: { stage: 'promote', outcome: null },
};
