/**
 * A computation as ONNX describes it: tensors with names, and operators between them. Plain data; `store/onnx.ts`
 * writes it as a file.
 * @see https://onnx.ai/onnx/operators
 */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

export type OnnxType = 'float' | 'double' | 'int64' | 'string';

/** An input or output: rows × `width`. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** null: one number a row, without a second dimension */
  readonly width: number | null;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: 'double' | 'int64';
  readonly dims: readonly number[];
  readonly values: Float64Array | readonly number[];
}

export interface OnnxNode {
  readonly operator: string;
  /** whether it is one of machine learning (ai.onnx.ml) rather than a standard one */
  readonly isMl: boolean;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly values: ArrayLike<number> }
  | { readonly kind: 'floats'; readonly values: ArrayLike<number> }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'doubles'; readonly values: Float64Array };

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Builds a graph step by step; what is added gives back its name. */
export interface GraphBuilder {
  input(name: string, type: OnnxType): string;
  doubles(values: Float64Array | readonly number[], dims?: readonly number[]): string;
  ints(values: readonly number[], dims?: readonly number[]): string;
  /** An operator of the standard set. */
  standard(operator: string, inputs: readonly string[], attributes?: Attributes): string;
  /** An operator of the set for machine learning. */
  learned(operator: string, inputs: readonly string[], attributes: Attributes): string;
  /** Names a result for the outside. */
  output(of: string, value: OnnxValue): void;
  build(name: string): OnnxGraph;
}

/** What is inside of the graph begins with this, which no column of a table does. */
const INSIDE = 'calmops/';

/** A graph without anything in it. */
export function createGraph(): GraphBuilder {
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const fresh = (what: string): string => `${INSIDE}${what}-${nodes.length + constants.length}`;
  const constant = (
    type: OnnxTensor['type'],
    values: OnnxTensor['values'],
    dims: readonly number[] = [values.length],
  ): string => {
    const name = fresh('constant');
    constants.push({ name, type, dims, values });
    return name;
  };
  const add = (
    isMl: boolean,
    operator: string,
    from: readonly string[],
    attributes: Attributes,
  ): string => {
    const output = fresh(operator.toLowerCase());
    nodes.push({ operator, isMl, inputs: from, output, attributes });
    return output;
  };
  return {
    input(name, type) {
      inputs.push({ name, type, width: 1 });
      return name;
    },
    doubles: (values, dims) => constant('double', values, dims),
    ints: (values, dims) => constant('int64', values, dims),
    standard: (operator, from, attributes = {}) => add(false, operator, from, attributes),
    learned: (operator, from, attributes) => add(true, operator, from, attributes),
    output(of, value) {
      nodes.push({
        operator: 'Identity',
        isMl: false,
        inputs: [of],
        output: value.name,
        attributes: {},
      });
      outputs.push(value);
    },
    build: (name) => ({ name, inputs, outputs, nodes, constants }),
  };
}

/** The code of a type in ONNX (TensorProto.DataType). */
export const ONNX_TYPE_CODE: Readonly<Record<OnnxType, number>> = {
  float: 1,
  int64: 7,
  string: 8,
  double: 11,
};
