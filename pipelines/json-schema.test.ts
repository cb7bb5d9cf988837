import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { pipelineJsonSchema, type JsonSchema } from './json-schema.ts';

it('pipeline.schema.json is what the schema in code says (npm run schema writes it)', async () => {
  const written = await readFile(new URL('./pipeline.schema.json', import.meta.url), 'utf8');
  assert.deepEqual(JSON.parse(written), pipelineJsonSchema());
});

it('asks for files and target only', () => {
  assert.deepEqual(pipelineJsonSchema().required, ['files', 'target']);
});

it('describes every field', () => {
  const undescribed: string[] = [];
  const visit = (schema: JsonSchema, path: string): void => {
    for (const form of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(form, path);
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const here = `${path}.${name}`;
      if (field.description === undefined && name !== 'kind') undescribed.push(here);
      visit(field, here);
    }
  };
  visit(pipelineJsonSchema(), '');
  assert.deepEqual(undescribed, []);
});
