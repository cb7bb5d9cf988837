import type { NumericColumn, Table } from '../../table.ts';
import type { Model, Predictions } from '../model.ts';

/** A probability is kept this far from 0 and 1 before its logarithm is taken: no base is ever surer than this. */
const EPSILON = 1e-3;

type Knowing = Pick<Model, 'schema'>;
type ClassPredictions = Extract<Predictions, { readonly kind: 'classification' }>;

/**
 * The names of what the bases of a stack tell its meta-model, in order: a number each in regression, the log-odds of
 * the second class where there are two, and otherwise the log-probability of each class that the base knows.
 * @param classes of any of the bases; empty in regression
 */
export function signalNames(
  bases: readonly Knowing[],
  classes: readonly string[],
): readonly string[] {
  return bases.flatMap(({ schema }, b) =>
    signalClasses(schema.classes, classes).map((name) =>
      name === null ? `model ${b + 1}` : `model ${b + 1}: ${name}`,
    ),
  );
}

/** What the bases tell the meta-model of a stack about each row: see `signalNames`. */
export function signalTable(
  bases: readonly Knowing[],
  said: readonly Predictions[],
  classes: readonly string[],
): Table {
  const names = signalNames(bases, classes);
  const columns: NumericColumn[] = [];
  said.forEach((predictions, b) => {
    for (const signal of signalClasses(bases[b].schema.classes, classes)) {
      const values = signalOf(predictions, signal, classes.length === 2);
      columns.push({ kind: 'numeric', name: names[columns.length], values });
    }
  });
  return { rows: columns[0].values.length, columns };
}

/**
 * The meta-model's probabilities over all classes of a stack. A class that it does not know has the mean of the
 * probabilities of the bases that know it; what they leave is the meta-model's.
 */
export function probabilitiesOver(
  classes: readonly string[],
  bases: readonly Knowing[],
  said: readonly Predictions[],
  weighed: ClassPredictions,
): Float64Array {
  const rows = weighed.labels.length;
  const own = weighed.classes.length;
  const out = new Float64Array(rows * classes.length);
  classes.forEach((name, k) => {
    if (weighed.classes.includes(name)) return;
    const knowing = said.filter((_, b) => bases[b].schema.classes.includes(name));
    for (const predictions of knowing) {
      const column = probabilitiesOf(predictions, name);
      for (let i = 0; i < rows; i++) out[i * classes.length + k] += column[i] / knowing.length;
    }
  });
  const target = weighed.classes.map((name) => classes.indexOf(name));
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * classes.length, (i + 1) * classes.length);
    const kept = row.reduce((sum, p) => sum + p, 0);
    if (kept > 1) for (let k = 0; k < row.length; k++) row[k] /= kept;
    for (let k = 0; k < own; k++) {
      row[target[k]] = Math.max(0, 1 - kept) * weighed.probabilities[i * own + k];
    }
  }
  return out;
}

/** What a base says in so many columns: a class each, or one thing (null). */
function signalClasses(
  known: readonly string[],
  classes: readonly string[],
): readonly (string | null)[] {
  if (classes.length === 0) return [null];
  return classes.length === 2 ? [classes[1]] : known;
}

function signalOf(predictions: Predictions, signal: string | null, odds: boolean): Float64Array {
  if (predictions.kind === 'regression') return predictions.values;
  if (signal === null) throw new RangeError('a stack of numbers got predictions of classes');
  return probabilitiesOf(predictions, signal).map((probability) => {
    const p = Math.min(Math.max(probability, EPSILON), 1 - EPSILON);
    return odds ? Math.log(p / (1 - p)) : Math.log(p);
  });
}

/** The probability of a class in each row: 0 where the model does not know it. */
function probabilitiesOf(predictions: Predictions, name: string): Float64Array {
  if (predictions.kind === 'regression') {
    throw new RangeError(`a stack of classes got predictions of numbers`);
  }
  const { classes, probabilities, labels } = predictions;
  const k = classes.indexOf(name);
  if (k < 0) return new Float64Array(labels.length);
  return Float64Array.from(labels, (_, i) => probabilities[i * classes.length + k]);
}
