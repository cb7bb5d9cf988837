/** Writes pipeline.schema.json anew: `npm run schema`. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { pipelineJsonSchema } from './json-schema.ts';

const file = fileURLToPath(new URL('./pipeline.schema.json', import.meta.url));
const layout = await resolveConfig(file);
const text = await format(JSON.stringify(pipelineJsonSchema()), { ...layout, parser: 'json' });
await writeFile(file, text);
