import protobuf from 'protobufjs';
import {
  ONNX_TYPE_CODE,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from '../core/models/onnx/graph.ts';

/** Versions of the format and of its operators that every runtime since 2021 (onnxruntime 1.8) reads. */
const IR_VERSION = 7;
const OPSET = 13;
const ML_OPSET = 3;

/** The numbers of ONNX's types of attributes (AttributeProto.AttributeType). */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 };

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ type, id, rule: 'repeated' });

/**
 * The part of ONNX's messages that is written here.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field('int64', 1),
        producerName: field('string', 2),
        graph: field('GraphProto', 7),
        opsetImport: repeated('OperatorSetIdProto', 8),
      },
    },
    OperatorSetIdProto: { fields: { domain: field('string', 1), version: field('int64', 2) } },
    GraphProto: {
      fields: {
        node: repeated('NodeProto', 1),
        name: field('string', 2),
        initializer: repeated('TensorProto', 5),
        input: repeated('ValueInfoProto', 11),
        output: repeated('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        opType: field('string', 4),
        attribute: repeated('AttributeProto', 5),
        domain: field('string', 7),
      },
    },
    AttributeProto: {
      fields: {
        name: field('string', 1),
        f: field('float', 2),
        i: field('int64', 3),
        s: field('bytes', 4),
        t: field('TensorProto', 5),
        floats: repeated('float', 7),
        ints: repeated('int64', 8),
        strings: repeated('bytes', 9),
        type: field('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated('int64', 1),
        dataType: field('int32', 2),
        int64Data: repeated('int64', 7),
        name: field('string', 8),
        doubleData: repeated('double', 10),
      },
    },
    ValueInfoProto: { fields: { name: field('string', 1), type: field('TypeProto', 2) } },
    TypeProto: { fields: { tensorType: field('TensorTypeProto', 1) } },
    TensorTypeProto: {
      fields: { elemType: field('int32', 1), shape: field('TensorShapeProto', 2) },
    },
    TensorShapeProto: { fields: { dim: repeated('DimensionProto', 1) } },
    DimensionProto: { fields: { dimValue: field('int64', 1), dimParam: field('string', 2) } },
  },
});

/** A graph as the bytes of an .onnx file. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const model = {
    irVersion: IR_VERSION,
    producerName: 'calmops',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'ai.onnx.ml', version: ML_OPSET },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeMessage),
      initializer: graph.constants.map(tensorMessage),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
  };
  return root.lookupType('ModelProto').encode(model).finish();
}

function nodeMessage({ operator, isMl, inputs, output, attributes }: OnnxNode): object {
  return {
    input: inputs,
    output: [output],
    opType: operator,
    domain: isMl ? 'ai.onnx.ml' : '',
    attribute: Object.entries(attributes).map(([name, attribute]) => ({
      name,
      ...attributeMessage(attribute),
    })),
  };
}

function attributeMessage(attribute: OnnxAttribute): object {
  switch (attribute.kind) {
    case 'int':
      return { type: ATTRIBUTE_TYPE.int, i: attribute.value };
    case 'float':
      return { type: ATTRIBUTE_TYPE.float, f: attribute.value };
    case 'string':
      return { type: ATTRIBUTE_TYPE.string, s: Buffer.from(attribute.value) };
    case 'ints':
      return { type: ATTRIBUTE_TYPE.ints, ints: Array.from(attribute.values) };
    case 'floats':
      return { type: ATTRIBUTE_TYPE.floats, floats: Array.from(attribute.values) };
    case 'strings':
      return { type: ATTRIBUTE_TYPE.strings, strings: attribute.values.map((s) => Buffer.from(s)) };
    case 'doubles': {
      const { values } = attribute;
      const tensor = { name: '', type: 'double', dims: [values.length], values } as const;
      return { type: ATTRIBUTE_TYPE.tensor, t: tensorMessage(tensor) };
    }
  }
}

function tensorMessage({ name, type, dims, values }: OnnxTensor): object {
  const data = Array.from(values);
  return {
    name,
    dims,
    dataType: ONNX_TYPE_CODE[type],
    ...(type === 'double' ? { doubleData: data } : { int64Data: data }),
  };
}

function valueMessage({ name, type, width }: OnnxValue): object {
  const dim = [{ dimParam: 'rows' }, ...(width === null ? [] : [{ dimValue: width }])];
  return { name, type: { tensorType: { elemType: ONNX_TYPE_CODE[type], shape: { dim } } } };
}
