import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzFiles } from './fuzz-files.ts';

describe('a few hundred damaged and hostile files', () => {
  it('each become a table or are refused with words, the same each time they are read', async () => {
    const { figures, faults } = await fuzzFiles({ files: 200, seed: 1, atOnce: 2 });
    assert.deepEqual(faults, []);
    const { files, tables, invalid, ...faulty } = figures;
    assert.equal(tables + invalid, files);
    assert.ok(tables > 0 && invalid > 0, JSON.stringify(figures));
    assert.deepEqual(faulty, { aborts: 0, hangs: 0, overMemory: 0, wrongErrors: 0, paths: 0 });
  });
});
