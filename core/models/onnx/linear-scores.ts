import { designWidth } from '../linear/design.ts';
import type { Design } from '../linear/design.ts';
import type { ModelSchema } from '../model.ts';
import type { GraphBuilder } from './graph.ts';

/**
 * Scores of a linear model: double, rows × outputs. By standard operators in double, as LinearRegressor and
 * LinearClassifier have floats only.
 *
 * @param coefficients row-major, columns × outputs, the constant last
 */
export function linearScores(
  graph: GraphBuilder,
  schema: ModelSchema,
  design: Design,
  coefficients: Float64Array,
): string {
  const q = designWidth(design);
  const outputs = coefficients.length / q;
  const coefficientsOf = (column: number): Float64Array =>
    coefficients.subarray(column * outputs, (column + 1) * outputs);
  let scores = graph.doubles(coefficientsOf(q - 1), [1, outputs]);
  const add = (term: string): void => {
    scores = graph.standard('Add', [scores, term]);
  };
  let codeAt = 0;
  schema.features.forEach((feature, j) => {
    const first = design.offsets[j];
    if (feature.kind === 'categorical') {
      const codes = feature.dictionary.length + 1;
      const columns = design.columnOfCode.subarray(codeAt, codeAt + codes);
      codeAt += codes;
      const width = design.offsets[j + 1] - first;
      add(categoryTerm(graph, feature, columns, width, outputs, (c) => coefficientsOf(first + c)));
      return;
    }
    const input = graph.input(feature.name, 'double');
    const isMissing = graph.standard('IsNaN', [input]);
    const centred = graph.standard('Sub', [input, graph.doubles([design.means[j]])]);
    const standard = graph.standard('Div', [centred, graph.doubles([design.deviations[j]])]);
    const known = graph.standard('Where', [isMissing, graph.doubles([0]), standard]);
    add(graph.standard('Mul', [known, graph.doubles(coefficientsOf(first), [1, outputs])]));
    if (design.offsets[j + 1] - first === 2) {
      const told = graph.standard('Cast', [isMissing], { to: { kind: 'int', value: 11 } });
      add(graph.standard('Mul', [told, graph.doubles(coefficientsOf(first + 1), [1, outputs])]));
    }
  });
  return scores;
}

/** The coefficients of a row's category: its row in a table whose last row is 0, for those that have none. */
function categoryTerm(
  graph: GraphBuilder,
  { name, dictionary }: { readonly name: string; readonly dictionary: readonly string[] },
  columns: Int32Array,
  width: number,
  outputs: number,
  coefficientsOf: (column: number) => Float64Array,
): string {
  const table = new Float64Array((width + 1) * outputs);
  for (let c = 0; c < width; c++) table.set(coefficientsOf(c), c * outputs);
  const rowOf = (column: number): number => (column < 0 ? width : column);
  const row = graph.learned('LabelEncoder', [graph.input(name, 'string')], {
    keys_strings: { kind: 'strings', values: ['', ...dictionary] },
    values_int64s: {
      kind: 'ints',
      values: [width, ...dictionary.map((_, code) => rowOf(columns[code]))],
    },
    default_int64: { kind: 'int', value: rowOf(columns[dictionary.length]) },
  });
  const flat = graph.standard('Reshape', [row, graph.ints([-1])]);
  const own = graph.doubles(table, [width + 1, outputs]);
  return graph.standard('Gather', [own, flat], { axis: { kind: 'int', value: 0 } });
}
