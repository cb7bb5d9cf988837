/** How a thread begins where CalmOps runs from its sources: with the TypeScript loader, which threads do not inherit. */
import { register } from 'tsx/esm/api';

register();
await import('./summarise-thread.ts');
