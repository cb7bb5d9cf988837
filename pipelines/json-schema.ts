import { z } from 'zod';
import { pipelineSchema } from './schema.ts';

/** A JSON Schema, or a part of one, as far as it is read here. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
}

/** What editors check and complete a pipeline.yaml with; pipeline.schema.json holds it. */
export function pipelineJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(pipelineSchema, { io: 'input' }) as JsonSchema;
  return {
    title: 'A CalmOps pipeline (pipeline.yaml)',
    ...schema,
    // Absent, it is the name of the folder.
    required: (schema.required ?? []).filter((field) => field !== 'name'),
  };
}

/** Made once: it takes milliseconds, and a file may hold thousands of unknown fields. */
let schemaOfPipelines: JsonSchema | undefined;

/**
 * The fields that may stand in the object at a path: of the form that its `kind` names, or of all its forms.
 * Empty when the path leads to no object.
 * @param value what stands there
 */
export function fieldsAt(path: readonly PropertyKey[], value: unknown): readonly string[] {
  schemaOfPipelines ??= pipelineJsonSchema();
  let schemas: readonly JsonSchema[] = formsOf(schemaOfPipelines);
  for (const step of path) {
    schemas = schemas.flatMap((schema) => {
      const next = schema.properties?.[String(step)] ?? schema.items;
      return next === undefined ? [] : formsOf(next);
    });
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : '';
  const named = schemas.filter((schema) => schema.properties?.['kind']?.const === kind);
  const fields = (named.length > 0 ? named : schemas).flatMap((schema) => [
    ...Object.keys(schema.properties ?? {}),
    ...(schema.propertyNames?.enum ?? []),
  ]);
  return [...new Set(fields)];
}

function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  const forms = schema.anyOf ?? schema.oneOf;
  return forms === undefined ? [schema] : forms.flatMap(formsOf);
}
