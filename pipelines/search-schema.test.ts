import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipelineSchema } from './schema.ts';

const base = { name: 'p', files: { folder: 'in' }, target: 'y' };

/** What is wrong with a pipeline, as `path: message`. */
function wrong(pipeline: object): readonly string[] {
  const parsed = pipelineSchema.safeParse({ ...base, ...pipeline });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('a search has a grid of fields of the estimator, and defaults for the rest', () => {
  const { search } = pipelineSchema.parse({
    ...base,
    estimator: { kind: 'boosting' },
    search: { grid: { maxLeaves: [7, 31], learningRate: [0.05, 0.1] } },
  });
  assert.deepEqual(search, {
    method: 'random',
    grid: { maxLeaves: [7, 31], learningRate: [0.05, 0.1] },
    cv: 3,
    trials: 20,
    budget: '30m',
  });
  assert.equal(pipelineSchema.parse(base).search, undefined);
});

test('a value that its field cannot have, an unknown field and another estimator are refused', () => {
  const boosting = { estimator: { kind: 'boosting' } };
  const [tooFew] = wrong({ ...boosting, search: { grid: { maxLeaves: [31, 1] } } });
  assert.match(tooFew ?? '', /^search\.grid\.maxLeaves\.1: a value of estimator\.maxLeaves: .*>=2/);
  const [unknown] = wrong({ ...boosting, search: { grid: { depth: [3] } } });
  assert.match(unknown ?? '', /^search\.grid\.depth\.0: a value of estimator\.depth: .*depth/);
  const [kind] = wrong({ ...boosting, search: { grid: { kind: ['forest'] } } });
  assert.match(kind ?? '', /not the choice of another/);
  const [none] = wrong({ ...boosting, search: { grid: {} } });
  assert.match(none ?? '', /at least one field/);
  const [hooks] = wrong({ estimator: { kind: 'hooks' }, search: { grid: { a: [1] } } });
  assert.match(hooks ?? '', /an estimator other than hooks/);
});

test('a grid of more combinations than can be tried is for random search', () => {
  const grid = {
    trees: Array.from({ length: 50 }, (_, i) => i + 1),
    minLeaf: Array.from({ length: 30 }, (_, i) => i + 1),
  };
  const [tooMany] = wrong({ search: { method: 'grid', grid } });
  assert.match(tooMany ?? '', /at most 1000 combinations, these are 1500; use method random/);
  assert.deepEqual(wrong({ search: { grid } }), []);
});

test('classes and rows are weighed by what says so', () => {
  assert.deepEqual(wrong({ estimator: { kind: 'logistic', classWeight: 'balanced' } }), []);
  assert.deepEqual(wrong({ estimator: { kind: 'forest', classWeight: { rare: 10 } } }), []);
  const [negative] = wrong({ estimator: { kind: 'boosting', classWeight: { rare: -1 } } });
  assert.match(negative ?? '', /^estimator\.classWeight\.rare: .*>0/);
  assert.deepEqual(wrong({ weightColumn: 'w' }), []);
  assert.match(wrong({ weightColumn: 'y' })[0] ?? '', /a column other than the target/);
  const [unable] = wrong({ weightColumn: 'w', estimator: { kind: 'ml-random-forest' } });
  assert.match(unable ?? '', /an estimator that weighs rows/);
});
