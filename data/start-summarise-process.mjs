/** How a process that summarises begins where CalmOps runs from its sources: with the TypeScript loader. */
import { register } from 'tsx/esm/api';

register();
await import('./summarise-process.ts');
