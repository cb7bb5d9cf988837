/** Writes pipeline.schema.json anew: `npm run schema`. */
import { writeFile } from 'node:fs/promises';
import { pipelineJsonSchemaText } from './json-schema.ts';

await writeFile(new URL('./pipeline.schema.json', import.meta.url), pipelineJsonSchemaText());
