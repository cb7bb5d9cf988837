/**
 * How a training thread begins where CalmOps runs from its sources. A thread does not inherit the TypeScript loader of
 * its process for what it imports later, and hooks are imported later: so the loader is registered here, and then the
 * thread's code.
 */
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

register();
registerCommonJs();
export const { runTask } = await import('./training-thread.ts');
