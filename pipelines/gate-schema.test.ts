import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimumGainsOf } from './gate-schema.ts';
import { pipelineSchema } from './schema.ts';

const pipeline = (gate: unknown, more: object = {}): ReturnType<typeof pipelineSchema.safeParse> =>
  pipelineSchema.safeParse({ name: 'x', files: { folder: 'x' }, target: 'y', gate, ...more });

function problemsOf(gate: unknown, more: object = {}): string {
  const { error } = pipeline(gate, more);
  return (error?.issues ?? [])
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('\n');
}

test('gains are asked for in the unit of the metric, or as a share of what the champion has', () => {
  const { data } = pipeline({ minImprovement: { accuracy: 0.01, logLoss: '2.5%' } });
  assert.ok(data !== undefined);
  assert.deepEqual(minimumGainsOf(data.gate), {
    accuracy: { kind: 'absolute', value: 0.01 },
    logLoss: { kind: 'relative', value: 0.025 },
  });
  assert.deepEqual(
    minimumGainsOf(pipelineSchema.parse({ name: 'x', files: { folder: 'x' }, target: 'y' }).gate),
    {},
  );
  assert.match(problemsOf({ minImprovement: { accuracy: '5 percent' } }), /such as '5%'/);
  assert.match(
    problemsOf({ minImprovement: { accuracy: 0.01 } }, { task: 'regression' }),
    /gate\.minImprovement\.accuracy: a metric of regression: r2/,
  );
  assert.match(
    problemsOf({ margin: 0.01, minImprovement: { accuracy: 0.01 } }),
    /gate\.minImprovement\.accuracy: a margin of 0/,
  );
});

test('a segment has a rule that can be read, and a name of its own', () => {
  const north = { name: 'north', where: 'region = NY and temp > 20' };
  assert.equal(pipeline({ segments: [north] }).success, true);
  assert.match(
    problemsOf({ segments: [{ name: 'north', where: 'region is NY' }] }),
    /gate\.segments\.0\.where: cannot read 'region is NY'/,
  );
  assert.match(
    problemsOf({ segments: [north, { ...north, where: 'temp > 3' }] }),
    /gate\.segments\.1\.name: a name that no other segment has/,
  );
});
