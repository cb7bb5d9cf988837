import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { kernelFile, kernelModule, KERNELS } from './kernel-module.ts';

for (const kernel of KERNELS) {
  test(`${kernel} is compiled from its source as it is: otherwise npm run kernel`, async () => {
    assert.equal(await readFile(kernelFile(kernel), 'utf8'), await kernelModule(kernel));
  });
}
