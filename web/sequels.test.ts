import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { historyPageUri, reportUri, sequelUri, type SequelOfRun } from '../workflows/contract.ts';
import { timelineChart } from './charts/timeline.ts';
import { estimate } from './fixtures/models.ts';
import { memoryStore } from './fixtures/memory.ts';
import { reportOf } from './fixtures/reports.ts';
import { electricity, tell } from './fixtures/runs.ts';
import { createPublished } from './published.ts';
import { laterSection } from './views/late-labels.ts';

const pipeline = 'electricity';
const [file, labels] = tell({ ...electricity, runs: 2 });
assert.ok(file !== undefined && labels !== undefined);
const unscored = { ...file, metric: null };
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const cameAt = (at: string, value: number): SequelOfRun => ({
  of: file,
  sequel: {
    kind: 'labelled',
    by: { fileName: labels.fileName, sha256: labels.sha256, revision: 0 },
    at,
    modelId: 'champion',
    metric: estimate('accuracy', value, 0.01),
    rows: 100,
  },
});

describe('labels that came later', () => {
  const store = memoryStore();
  const put = (uri: string, value: unknown): unknown => store.put(uri, bytesOf(value));
  for (const told of [
    cameAt('2026-11-21T00:00:00.000Z', 0.71),
    cameAt('2026-11-22T00:00:00.000Z', 0.72),
  ]) {
    put(sequelUri(pipeline, told), told.sequel);
  }
  put(historyPageUri(pipeline, 0), [unscored, labels]);
  const report = reportOf(pipeline, labels);
  const { evaluation } = report;
  assert.ok(evaluation !== null);
  const late = { modelId: 'champion', evaluation: evaluation.champion.current };
  put(reportUri(pipeline, labels.sha256, 0), { ...report, late });
  const published = createPublished(store);

  it('are on the page of the earlier run, the latest first, each with its time and its file', async () => {
    const later = await published.sequels({ pipeline, sha256: file.sha256, revision: 0 });
    assert.equal(later.length, 2);
    assert.equal(later[0]?.late?.modelId, 'champion');
    const page = String(laterSection(reportOf(pipeline, unscored), later));
    assert.match(page, /0\.72[\s\S]*0\.71/);
    assert.match(page, new RegExp(`href="/pipelines/electricity/runs/${labels.sha256}"`));
    assert.match(page, /2026-11-22/);
  });

  it('are told of runs that are sealed', async () => {
    const [sealed, other] = await published.historyPage(pipeline, 0);
    assert.ok(sealed?.sequel?.kind === 'labelled');
    assert.equal(sealed.sequel.metric.value, 0.72);
    assert.equal(other?.sequel, undefined);
  });

  it('give the file its place in the timeline', () => {
    const { sequel } = cameAt('2026-11-21T00:00:00.000Z', 0.71);
    const { links } = timelineChart(pipeline, [{ ...unscored, sequel }], 600);
    assert.match(
      [...(links ?? new Map()).values()].join(),
      /accuracy 0\.71.* by labels that came later/,
    );
  });
});
