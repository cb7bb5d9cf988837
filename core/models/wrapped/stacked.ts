import type { Table } from '../../table.ts';
import { arrayOf, damaged, encodeContainer, isCount, isRecord } from '../artefact/container.ts';
import type { Container } from '../artefact/container.ts';
import type { FeatureSchema, Model, ModelSchema, Predictions } from '../model.ts';
import { mostProbable } from '../predictions.ts';
import { probabilitiesOver, signalNames, signalTable } from './stack-signals.ts';

/** A stack has at most this many models, so that it does not grow from one retraining to the next. */
export const MAX_BASES = 3;

/** Several models of one target, and a model that weighs what they say. */
export interface StackedModel extends Model {
  readonly estimator: 'stacked';
  readonly bases: readonly Model[];
  /** of `signalTable` of their predictions; its classes are those that it was fitted on */
  readonly meta: Model;
}

/**
 * A stacked model: the meta-model decides from what each base says.
 *
 * Classes that the meta-model has no example of are not lost: each keeps the probability that the bases which know
 * it give it on average, and the meta-model shares out the rest.
 *
 * @param bases 2 to `MAX_BASES` models of one target, none of them itself a stack or calibrated
 * @param meta a model with the columns `signalNames(bases, classes)`, all numeric
 * @throws RangeError if it is not so
 * @see Wolpert (1992), Neural Networks 5:241–259; Ting & Witten (1999), JAIR 10:271–289, for log-odds as signals
 */
export function stackedModel(bases: readonly Model[], meta: Model): StackedModel {
  const schema = jointSchema(bases);
  requireMeta(meta, bases, schema);
  return {
    estimator: 'stacked',
    schema,
    bases,
    meta,
    predict: (table) => predictStacked({ bases, meta, schema }, table),
    toBytes: () =>
      encodeContainer({
        kind: 'stacked',
        meta: { bases: bases.length },
        arrays: {
          meta: meta.toBytes(),
          ...Object.fromEntries(bases.map((base, b) => [`base${b}`, base.toBytes()])),
        },
      }),
  };
}

export function isStacked(model: Model): model is StackedModel {
  return model.estimator === 'stacked' && 'bases' in model;
}

/**
 * The stacked model in a container.
 * @param load reads the models within it
 * @throws RangeError if it is not a sound one
 */
export function decodeStacked(
  container: Container,
  load: (bytes: Uint8Array) => Model,
): StackedModel {
  const { meta: description } = container;
  const count = isRecord(description) ? description['bases'] : undefined;
  if (!isCount(count) || count < 2 || count > MAX_BASES) {
    throw damaged(`a stack of ${String(count)} models; 2 to ${MAX_BASES} make one`);
  }
  const bases = Array.from({ length: count }, (_, b) =>
    load(arrayOf(container, `base${b}`, Uint8Array)),
  );
  return stackedModel(bases, load(arrayOf(container, 'meta', Uint8Array)));
}

/** What the models of a stack read and say together: the columns and the classes of any of them. */
export function jointSchema(bases: readonly Pick<Model, 'schema'>[]): ModelSchema {
  if (bases.length < 2 || bases.length > MAX_BASES) {
    throw new RangeError(`${bases.length} models to stack; 2 to ${MAX_BASES} make a stack`);
  }
  const { target, task } = bases[0].schema;
  const features = new Map<string, FeatureSchema>();
  for (const { schema } of bases) {
    if (schema.target !== target || schema.task !== task) {
      throw new RangeError(
        `models of one target make a stack, got ${task} of '${target}' and ${schema.task} of '${schema.target}'`,
      );
    }
    for (const feature of schema.features) {
      features.set(feature.name, jointFeature(features.get(feature.name), feature));
    }
  }
  const classes = [...new Set(bases.flatMap(({ schema }) => schema.classes))].sort();
  return { target, task, features: [...features.values()], classes };
}

function jointFeature(known: FeatureSchema | undefined, feature: FeatureSchema): FeatureSchema {
  if (known === undefined) return feature;
  if (known.kind !== feature.kind) {
    throw new RangeError(
      `column '${feature.name}' is ${known.kind} to one model and ${feature.kind} to another; they read no table alike`,
    );
  }
  if (known.kind === 'numeric' || feature.kind === 'numeric') return known;
  const dictionary = [...new Set([...known.dictionary, ...feature.dictionary])].sort();
  return { kind: 'categorical', name: feature.name, dictionary };
}

function requireMeta(meta: Model, bases: readonly Model[], { task, classes }: ModelSchema): void {
  const names = signalNames(bases, classes);
  const { schema } = meta;
  const fits =
    schema.task === task &&
    schema.features.length === names.length &&
    schema.features.every(({ kind, name }, j) => kind === 'numeric' && name === names[j]) &&
    schema.classes.every((name) => classes.includes(name));
  if (!fits) throw damaged('the meta-model of a stack is not one of its models');
}

function predictStacked(
  { bases, meta, schema }: Pick<StackedModel, 'bases' | 'meta' | 'schema'>,
  table: Table,
): Predictions {
  const { classes } = schema;
  const said = bases.map((base) => base.predict(table));
  const weighed = meta.predict(signalTable(bases, said, classes));
  if (weighed.kind === 'regression') return weighed;
  const probabilities = probabilitiesOver(classes, bases, said, weighed);
  const labels = mostProbable(probabilities, classes.length);
  return { kind: 'classification', classes, probabilities, labels };
}
