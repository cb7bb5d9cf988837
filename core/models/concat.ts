import type { Outcomes, Predictions } from './model.ts';

/** The predictions of one model for several tables, one after the other. @throws RangeError if there is none */
export function concatPredictions(parts: readonly Predictions[]): Predictions {
  if (parts.length === 0) throw new RangeError('no predictions to put together');
  const [first] = parts;
  if (first.kind === 'regression') {
    return { kind: 'regression', values: concat(parts.map(numbersOf), Float64Array) };
  }
  const classified = parts.map(classifiedOf);
  return {
    kind: 'classification',
    classes: first.classes,
    labels: concat(
      classified.map(({ labels }) => labels),
      Int32Array,
    ),
    probabilities: concat(
      classified.map(({ probabilities }) => probabilities),
      Float64Array,
    ),
  };
}

/** The outcomes of several tables, one after the other, over the same classes. @throws RangeError if there is none */
export function concatOutcomes(parts: readonly Outcomes[]): Outcomes {
  if (parts.length === 0) throw new RangeError('no outcomes to put together');
  const [first] = parts;
  if (first.kind === 'regression') {
    return { kind: 'regression', values: concat(parts.map(numbersOf), Float64Array) };
  }
  const labels = concat(
    parts.map((part) => classifiedOf(part).labels),
    Int32Array,
  );
  return { kind: 'classification', classes: first.classes, labels };
}

type TypedArray = Float64Array | Int32Array | Uint8Array;

/** Typed arrays one after the other. */
export function concat<A extends TypedArray>(
  parts: readonly A[],
  make: new (length: number) => A,
): A {
  const out = new make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function numbersOf(part: Predictions | Outcomes): Float64Array {
  if (part.kind !== 'regression') throw new RangeError('classes cannot follow numbers');
  return part.values;
}

function classifiedOf<P extends Predictions | Outcomes>(
  part: P,
): Extract<P, { kind: 'classification' }> {
  if (part.kind !== 'classification') throw new RangeError('numbers cannot follow classes');
  return part as Extract<P, { kind: 'classification' }>;
}
