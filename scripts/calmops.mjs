/** `calmops COMMAND …`, built anew where its sources are newer: see cli/main.ts. */
import { buildIfOlder } from './build.mjs';

await buildIfOlder();
await import('../build/calmops.js');
