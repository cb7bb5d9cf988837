/**
 * How a compute process begins where CalmOps runs from its sources: it registers the TypeScript loader, also for hooks,
 * which are imported later.
 */
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

register();
registerCommonJs();
await import('./compute-process.ts');
