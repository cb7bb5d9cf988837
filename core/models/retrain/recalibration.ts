import { takeRows } from '../../table.ts';
import { calibratedModel, isCalibrated } from '../wrapped/calibrated.ts';
import { chooseCalibration } from '../calibration/choose-calibration.ts';
import type { Model } from '../model.ts';
import { outcomesOf } from '../metrics/outcomes.ts';
import { chooseLine } from './choose-line.ts';
import { weightsOf } from './request.ts';
import type { Derived, RetrainingRequest } from './request.ts';

/**
 * Mode `recalibration`: the champion stays as it is, and what it says of the rows of the new file is compared with
 * what happened. Classes: temperature, Platt or isotonic, whichever has the least log-loss on rows held out.
 * Numbers: a shift or a line, by the squared error on rows held out.
 *
 * A champion that is calibrated already is calibrated anew from what is within it, so that corrections never pile up.
 */
export function recalibrate(request: RetrainingRequest): Derived {
  const { champion, data, seed } = request;
  const base = isCalibrated(champion) ? champion.base : champion;
  const { schema } = base;
  const said = base.predict(takeRows(data.table, data.fresh));
  const outcomes = outcomesOf(data.table, schema, data.fresh);
  const weights = weightsOf(request, data.table, data.fresh);
  if (said.kind === 'regression' && outcomes.kind === 'regression') {
    const choice = chooseLine(said.values, outcomes.values, seed, weights);
    if (choice.kind === 'insufficient') return tooFew(choice);
    if (choice.line === null) return NO_GAIN;
    return corrected(calibratedModel(base, choice.line), 'a line', data.fresh.length);
  }
  if (said.kind === 'regression' || outcomes.kind === 'regression') {
    throw new RangeError(
      `recalibration: predictions of ${said.kind}, outcomes of ${outcomes.kind}`,
    );
  }
  const strange = outcomes.labels.filter((label) => label < 0).length;
  if (strange > 0) {
    return `${strange} rows are of a class that the champion does not know, which no correction can teach it.`;
  }
  const classes = schema.classes.length;
  if (classes < 2) return 'The champion knows one class only, of which it is always sure.';
  const choice = chooseCalibration(said.probabilities, outcomes.labels, classes, seed, weights);
  if (choice.kind === 'insufficient') return tooFew(choice);
  const { calibration } = choice;
  if (calibration.kind === 'none') return NO_GAIN;
  return corrected(calibratedModel(base, calibration), calibration.kind, choice.rows);
}

const NO_GAIN =
  'No correction predicts held-out rows better than the champion does as it is: its errors are of another sort.';

function tooFew({ n, required }: { readonly n: number; readonly required: number }): string {
  return `${n} rows are too few to correct the champion by; at least ${required} are needed.`;
}

function corrected(model: Model, how: string, rows: number): Derived {
  return { model, notes: [`The champion is unchanged, corrected (${how}) on ${rows} rows.`] };
}
