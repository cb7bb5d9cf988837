/** How a thread that repeats settings begins: threads do not inherit the TypeScript loader of their process. */
import { register } from 'tsx/esm/api';

register();
export const { countAlarms, countSeen } = await import('./alarm-rates.ts');
