/** Compiles the kernels of the estimators anew: `npm run kernel`. */
import { writeFile } from 'node:fs/promises';
import { kernelFile, kernelModule, KERNELS } from './kernel-module.ts';

for (const kernel of KERNELS) await writeFile(kernelFile(kernel), await kernelModule(kernel));
