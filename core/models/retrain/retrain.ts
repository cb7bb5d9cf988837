import { isLoadable } from '../artefact/artefact.ts';
import { encodeTable, learnSchema } from '../input/encoder.ts';
import type { Fit } from '../fit.ts';
import { fitted } from '../growing.ts';
import type { Model } from '../model.ts';
import type { RetrainingData } from './data.ts';
import { completeIncremental, planIncremental } from './incremental.ts';
import { recalibrate } from './recalibration.ts';
import { weightsOf } from './request.ts';
import type { Derived, RetrainingRequest } from './request.ts';
import { completeStack, planStack } from './stacking.ts';

/** The mode cannot be used here: why, in a sentence for people, and which mode is to be used instead. */
export interface Fallback {
  readonly kind: 'fallback';
  readonly mode: 'full';
  readonly reason: string;
}

/** The fits that a retraining needs before it is completed; none where it works on the champion alone. */
export type RetrainingPlan = { readonly kind: 'fits'; readonly fits: readonly Fit[] } | Fallback;

/** A challenger, with sentences for people about how it came to be. */
export type Retrained =
  { readonly kind: 'trained'; readonly model: Model; readonly notes: readonly string[] } | Fallback;

/**
 * The first half of a retraining: what is to be fitted. The same request gives the same plan, so that a retraining
 * can be planned on one thread, fitted on others and completed on yet another.
 *
 * `full`, `window` and `replay` need one fit, the challenger itself; stacking one a fold and one in the end;
 * `incremental` one where the champion grows trees; `recalibration` none.
 * @throws RangeError if the data cannot be learned from: see `learnSchema`
 */
export function planRetraining(request: RetrainingRequest): RetrainingPlan {
  const refusal = refusalOf(request);
  if (refusal !== null) return fallback(refusal);
  switch (request.mode) {
    case 'full':
    case 'window':
    case 'replay': {
      const { data, params, schema, seed } = request;
      const { table, learn } = data;
      const fit = { table, rows: learn, schema: learnSchema(table, learn, schema), params, seed };
      return { kind: 'fits', fits: [fit] };
    }
    case 'incremental':
      return fitsOrFallback(planIncremental(request));
    case 'recalibration':
      return { kind: 'fits', fits: [] };
    case 'stacking':
    case 'stacking-refit':
      return fitsOrFallback(planStack(request));
  }
}

/**
 * The second half: the challenger.
 * @param fitted the models of the fits of `planRetraining(request)`, in their order
 * @throws RangeError if they are not as many, or the data cannot be learned from
 */
export function completeRetraining(
  request: RetrainingRequest,
  fitted: readonly Model[],
): Retrained {
  const refusal = refusalOf(request);
  if (refusal !== null) return fallback(refusal);
  switch (request.mode) {
    case 'full':
    case 'window':
    case 'replay':
      if (fitted.length !== 1) {
        throw new RangeError(`${request.mode}: it is completed with 1 model, got ${fitted.length}`);
      }
      return { kind: 'trained', model: fitted[0], notes: notesOnData(request) };
    case 'incremental':
      return retrained(completeIncremental(request, fitted));
    case 'recalibration':
      return retrained(recalibrate(request));
    case 'stacking':
    case 'stacking-refit':
      return retrained(completeStack(request, fitted));
  }
}

/** Plans, fits and completes a retraining on the calling thread. */
export function retrain(request: RetrainingRequest): Retrained {
  const plan = planRetraining(request);
  if (plan.kind === 'fallback') return plan;
  const models = plan.fits.map((fit) => fitted(fit, weightsOf(request, fit.table, fit.rows)));
  return completeRetraining(request, models);
}

function fitsOrFallback(plan: readonly Fit[] | string): RetrainingPlan {
  return typeof plan === 'string' ? fallback(plan) : { kind: 'fits', fits: plan };
}

function retrained(derived: Derived): Retrained {
  return typeof derived === 'string' ? fallback(derived) : { kind: 'trained', ...derived };
}

function fallback(reason: string): Fallback {
  return { kind: 'fallback', mode: 'full', reason };
}

/** Why the mode cannot be used, whatever its fits would say; null if nothing speaks against it. */
function refusalOf(request: RetrainingRequest): string | null {
  const { mode, championKnowsFile, data } = request;
  switch (mode) {
    case 'full':
    case 'window':
      return null;
    case 'replay':
      return hasPast(data) ? null : NO_PAST;
    case 'stacking-refit':
      if (!hasPast(data)) return NO_PAST;
      return championKnowsFile
        ? 'Rows of this file are among those kept of the past, so that no row is new to what they teach.'
        : null;
    case 'incremental':
      return championKnowsFile
        ? 'The champion has already learned from this file; a second time would count its rows twice.'
        : championRefusal(request);
    case 'stacking':
    case 'recalibration':
      return championKnowsFile
        ? 'The champion was trained on rows of this file, so they cannot tell how far it is to be trusted.'
        : championRefusal(request);
  }
}

const NO_PAST =
  'Of what the champion and its ancestors learned from, no rows are kept to train on again.';

function hasPast({ learn, fresh }: RetrainingData): boolean {
  return learn.length > fresh.length;
}

/** Why no challenger can be made out of the champion. */
function championRefusal({ champion, data }: RetrainingRequest): string | null {
  if (!isLoadable(champion.estimator)) {
    return `A champion of the kind '${champion.estimator}' can be trained anew only: its own hooks keep it.`;
  }
  try {
    encodeTable(data.table, champion.schema);
    return null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `The champion cannot read this file: ${error.message}.`;
  }
}

function notesOnData({ mode, data }: RetrainingRequest): readonly string[] {
  const older = data.learn.length - data.fresh.length;
  if (older === 0) return [];
  const source =
    mode === 'replay' ? 'drawn from what the lineage learned from' : 'of earlier files';
  return [`Trained on ${data.fresh.length} rows of the new file and ${older} ${source}.`];
}
