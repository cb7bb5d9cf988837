import { encodeTable } from '../core/models/input/encoder.ts';
import type { ModelSchema } from '../core/models/model.ts';
import { outcomesOf } from '../core/models/metrics/outcomes.ts';
import type { Column, Table } from '../core/table.ts';
import { tableToFrame } from './frame.ts';
import type { HookData, HookTrainingData } from './hooks.ts';

/**
 * The rows of a table as the predict hook gets them.
 * @throws RangeError naming the feature that is absent or of another kind
 */
export function createHookData(table: Table, schema: ModelSchema): HookData {
  const features = featureTable(table, schema);
  return {
    rows: table.rows,
    target: schema.target,
    task: schema.task,
    features: schema.features,
    classes: schema.classes,
    table: features,
    numbers: (name) => featureOf(features, name, 'numeric').values,
    texts: (name) => {
      const { codes, dictionary } = featureOf(features, name, 'categorical');
      return Array.from(codes, (code) => dictionary[code] ?? null);
    },
  };
}

/**
 * The rows of a table as training hooks get them.
 * @param table each row has an outcome
 * @throws RangeError naming the feature that is absent or of another kind, or the row without an outcome
 */
export function createHookTrainingData(
  table: Table,
  schema: ModelSchema,
  seed: number,
): HookTrainingData {
  const allRows = Int32Array.from({ length: table.rows }, (_, row) => row);
  const outcomes = outcomesOf(table, schema, allRows);
  const data = createHookData(table, schema);
  return {
    ...data,
    seed,
    frame: () => tableToFrame(data.table),
    labels: () => {
      if (outcomes.kind === 'classification') return outcomes.labels;
      throw new RangeError(`'${schema.target}' is a quantity: use outcomes(), not labels()`);
    },
    outcomes: () => {
      if (outcomes.kind === 'regression') return outcomes.values;
      throw new RangeError(`'${schema.target}' is a class: use labels(), not outcomes()`);
    },
  };
}

function featureTable(table: Table, schema: ModelSchema): Table {
  const encoded = encodeTable(table, schema);
  const columns = schema.features.map((feature, j): Column => {
    const column = encoded.columns[j];
    if (feature.kind === 'numeric' && column?.kind === 'numeric') {
      return { kind: 'numeric', name: feature.name, values: column.values.slice() };
    }
    if (feature.kind === 'categorical' && column?.kind === 'categorical') {
      const { categories } = column;
      const codes = column.codes.map((code) => (code === categories ? -1 : code));
      return { kind: 'categorical', name: feature.name, codes, dictionary: feature.dictionary };
    }
    throw new TypeError(`feature '${feature.name}' was encoded as ${column?.kind ?? 'nothing'}`);
  });
  return { rows: table.rows, columns };
}

function featureOf<K extends Column['kind']>(
  table: Table,
  name: string,
  kind: K,
): Extract<Column, { kind: K }> {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column?.kind === kind) return column as Extract<Column, { kind: K }>;
  const found = column === undefined ? 'absent' : column.kind;
  const features = table.columns.map((candidate) => `${candidate.name} (${candidate.kind})`);
  throw new RangeError(
    `feature '${name}' is ${found}, expected ${kind}; features: ${features.join(', ')}`,
  );
}
