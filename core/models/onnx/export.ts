import { isBoosting } from '../boosting/boosted-model.ts';
import { isForest } from '../forest/forest.ts';
import { isLinear } from '../linear/linear.ts';
import { isLogistic } from '../linear/logistic.ts';
import type { Model, ModelSchema } from '../model.ts';
import type { TargetScale } from '../input/targets.ts';
import { createGraph } from './graph.ts';
import type { GraphBuilder, OnnxGraph } from './graph.ts';
import { linearScores } from './linear-scores.ts';
import { boostedScores, forestScores } from './tree-scores.ts';

/** Names of what the graph gives. */
const LABEL = 'predicted_label';
const PROBABILITIES = 'predicted_probabilities';
const VALUE = 'predicted_value';

/**
 * A model as an ONNX graph that predicts what it predicts.
 *
 * Each feature is an input of its name, rows × 1: numbers as double, NaN being missing; categories as string, '' being
 * missing. Outputs are `predicted_label` (string) and `predicted_probabilities` (float, rows × classes, in the order of
 * the schema), or `predicted_value` (double). Sums over trees are rounded to float, as ONNX's operator gives them; what is
 * compared and multiplied is double.
 *
 * @throws RangeError if the estimator, or something that it learned, cannot be said in ONNX
 */
export function onnxGraphOf(model: Model): OnnxGraph {
  const { schema } = model;
  requireNames(schema);
  const graph = createGraph();
  if (isForest(model)) {
    const { forest } = model;
    finish(graph, schema, forestScores(graph, forest), forest.targetScale, 'shares');
  } else if (isBoosting(model)) {
    const { boosted } = model;
    finish(graph, schema, boostedScores(graph, boosted), boosted.targetScale, 'logits');
  } else if (isLogistic(model)) {
    const { design, coefficients } = model.logistic;
    const scores = linearScores(graph, schema, design, coefficients);
    finish(graph, schema, scores, { center: 0, scale: 1 }, 'logits');
  } else if (isLinear(model)) {
    const { design, coefficients, targetScale } = model.linear;
    finish(graph, schema, linearScores(graph, schema, design, coefficients), targetScale, 'logits');
  } else {
    throw new RangeError(
      `a model of the estimator '${model.estimator}' cannot be written as ONNX; forest, boosting, logistic and linear can`,
    );
  }
  return graph.build(schema.target);
}

/**
 * What rows are given as outputs, from their scores: double, rows × outputs.
 * @param kind shares of classes, or the arguments of a logistic function or of softmax
 */
function finish(
  graph: GraphBuilder,
  schema: ModelSchema,
  scores: string,
  { center, scale }: TargetScale,
  kind: 'shares' | 'logits',
): void {
  if (schema.task === 'regression') {
    const stretched = graph.standard('Mul', [scores, graph.doubles([scale])]);
    const value = graph.standard('Add', [stretched, graph.doubles([center])]);
    graph.output(value, { name: VALUE, type: 'double', width: 1 });
    return;
  }
  const { classes } = schema;
  const probabilities =
    kind === 'shares' ? normalised(graph, scores) : fromLogits(graph, scores, classes.length);
  const best = graph.standard('ArgMax', [probabilities], {
    axis: { kind: 'int', value: 1 },
    keepdims: { kind: 'int', value: 0 },
  });
  const label = graph.learned('LabelEncoder', [best], {
    keys_int64s: { kind: 'ints', values: classes.map((_, k) => k) },
    values_strings: { kind: 'strings', values: classes },
    default_string: { kind: 'string', value: '' },
  });
  graph.output(label, { name: LABEL, type: 'string', width: null });
  const rounded = graph.standard('Cast', [probabilities], { to: { kind: 'int', value: 1 } });
  graph.output(rounded, { name: PROBABILITIES, type: 'float', width: classes.length });
}

function normalised(graph: GraphBuilder, shares: string): string {
  const total = graph.standard('ReduceSum', [shares, graph.ints([1])], {
    keepdims: { kind: 'int', value: 1 },
  });
  return graph.standard('Div', [shares, total]);
}

function fromLogits(graph: GraphBuilder, scores: string, classes: number): string {
  const axis = { axis: { kind: 'int', value: 1 } } as const;
  if (classes > 2) return graph.standard('Softmax', [scores], axis);
  const one = graph.standard('Sigmoid', [scores]);
  if (classes === 1) {
    return graph.standard('Add', [
      graph.standard('Mul', [scores, graph.doubles([0])]),
      graph.doubles([1]),
    ]);
  }
  const other = graph.standard('Sigmoid', [graph.standard('Neg', [scores])]);
  return graph.standard('Concat', [other, one], axis);
}

function requireNames({ features }: ModelSchema): void {
  const taken = features.find(({ name }) => [LABEL, PROBABILITIES, VALUE].includes(name));
  if (taken !== undefined) {
    throw new RangeError(
      `the feature '${taken.name}' has the name of an output of the ONNX graph; rename the column`,
    );
  }
  const empty = features.find(
    (feature) => feature.kind === 'categorical' && feature.dictionary.includes(''),
  );
  if (empty !== undefined) {
    throw new RangeError(
      `the feature '${empty.name}' has the category '', which stands for a missing value in ONNX`,
    );
  }
}
