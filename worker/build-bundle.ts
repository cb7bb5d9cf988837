import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { workflowsPath } from './workflow-source.ts';

/** Bundles the workflows ahead, so that a worker starts without webpack: `dist/workflow-bundle.js`. */
const target = path.resolve('dist/workflow-bundle.js');
const { code } = await bundleWorkflowCode({ workflowsPath });
await mkdir(path.dirname(target), { recursive: true });
await writeFile(target, code);
