/** How a process that reads fuzzed files begins where CalmOps runs from its sources: with the TypeScript loader. */
import { register } from 'tsx/esm/api';

register();
await import('./fuzz-process.ts');
