import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportUri, runWorkflowId } from '../workflows/contract.ts';
import { RUNNING_SHA256, fixtureWorld, type FixtureWorld } from './fixtures/world.ts';
import { sha256Of } from './fixtures/models.ts';
import { createQueries, RUNS_PER_PAGE, type Queries } from './queries.ts';
import type { RunId } from './published.ts';
import { UnansweredError } from './temporal.ts';

async function world(): Promise<
  FixtureWorld & { readonly queries: Queries; readonly later: (ms: number) => void }
> {
  const fixture = await fixtureWorld();
  let now = Date.parse('2026-11-24T15:00:00Z');
  const queries = createQueries({
    temporal: fixture.temporal.reader,
    store: fixture.store,
    now: () => new Date(now),
  });
  return { ...fixture, queries, later: (ms) => (now += ms) };
}

const promoted: RunId = {
  pipeline: 'electricity',
  sha256: sha256Of('electricity/nsw-2000-07.csv'),
  revision: 0,
};
const running: RunId = { pipeline: 'weather', sha256: RUNNING_SHA256, revision: 0 };

describe('queries', () => {
  it('list the running pipelines with their state, by name', async () => {
    const { queries } = await world();
    const { value, stale } = await queries.pipelines();
    assert.deepEqual(
      value.map(({ name, status }) => `${name}: ${String(status?.state)}`),
      ['bike-rentals: idle', 'churn: idle', 'electricity: paused', 'weather: working'],
    );
    assert.equal(stale, null);
  });

  it('show what was last known, and since when, while no worker answers', async () => {
    const { queries, temporal, later } = await world();
    await queries.pipelines();
    temporal.fault = 'worker down';
    later(60_000);
    const { value, stale } = await queries.pipelines();
    assert.equal(value.length, 4);
    assert.equal(value[3]?.status?.state, 'working');
    assert.match(stale?.why ?? '', /No worker answers/);
    assert.equal(stale?.asOf, '2026-11-24T15:00:00.000Z');
  });

  it('name the pipelines whose state no worker has told yet', async () => {
    const { queries, temporal } = await world();
    temporal.fault = 'worker down';
    const { value, stale } = await queries.pipelines();
    assert.deepEqual(
      value.map(({ status }) => status),
      [null, null, null, null],
    );
    assert.equal(stale?.asOf, null);
  });

  it('do not wait for a silent server again at once, and hear it when it is back', async () => {
    const { queries, temporal, later } = await world();
    temporal.fault = 'server down';
    assert.match((await queries.pipelines()).stale?.why ?? '', /server does not answer/);
    temporal.fault = 'none';
    assert.notEqual((await queries.pipeline('weather'))?.stale, null);
    later(3001);
    assert.equal((await queries.pipeline('weather'))?.stale, null);
  });

  it('know nothing of a pipeline that does not run', async () => {
    const { queries } = await world();
    assert.equal(await queries.pipeline('none'), null);
    assert.equal(await queries.runs('none', 0), null);
    assert.equal(await queries.models('none'), null);
  });

  it('page from the newest run to the oldest one in the store, each run once', async () => {
    const { queries } = await world();
    const first = await queries.runs('electricity', 0);
    assert.equal(first?.value.runs.length, RUNS_PER_PAGE);
    assert.equal(first.value.timeline.at(-1)?.sequence, 72);
    const seen: number[] = [];
    for (let page = 0; page < first.value.pages; page++) {
      const known = await queries.runs('electricity', page);
      seen.push(...(known?.value.runs ?? []).map(({ sequence }) => sequence));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 72 }, (_, i) => 72 - i),
    );
  });

  it('give the last page for one beyond it', async () => {
    const { queries } = await world();
    const known = await queries.runs('electricity', 99);
    assert.equal(known?.value.page, known?.value.pages === undefined ? NaN : known.value.pages - 1);
  });

  it('read runs from published reports when no worker has told them', async () => {
    const { queries, temporal } = await world();
    temporal.fault = 'worker down';
    const known = await queries.runs('weather', 0);
    assert.deepEqual(
      known?.value.runs.map(({ sequence }) => sequence),
      [9, 8, 7, 6, 5, 4, 3, 2, 1],
    );
    assert.match(known.stale?.why ?? '', /No worker/);
  });

  it('give a finished run with its drift, with nobody to answer', async () => {
    const { queries, temporal } = await world();
    temporal.fault = 'server down';
    const run = await queries.run(promoted);
    assert.ok(run?.value.kind === 'finished');
    assert.equal(run.stale, null);
    assert.equal(run.value.report.summary.outcome, 'promoted');
    assert.equal(run.value.drift?.material[0], 'nswprice');
  });

  it('give a finished run without its drift when the store has lost it', async () => {
    const { queries, store } = await world();
    for (const uri of store.artefacts.keys())
      if (uri.startsWith('drift/')) store.artefacts.delete(uri);
    const run = await queries.run(promoted);
    assert.ok(run?.value.kind === 'finished');
    assert.equal(run.value.drift, null);
  });

  it('give a run under way with the progress of its activities', async () => {
    const { queries } = await world();
    const run = await queries.run(running);
    assert.ok(run?.value.kind === 'running');
    assert.equal(run.value.progress.stages.at(-1)?.stage, 'train');
    assert.deepEqual(
      run.value.activities.map(({ done }) => done),
      [0.42],
    );
  });

  it('give a run that waits with the number of files before it', async () => {
    const { queries } = await world();
    const run = await queries.run({
      pipeline: 'electricity',
      sha256: sha256Of('electricity/nsw-2002-02.csv'),
      revision: 0,
    });
    assert.deepEqual(run?.value, { kind: 'queued', fileName: 'nsw-2002-02.csv', ahead: 1 });
  });

  it('give the summary of a run that ended without a report', async () => {
    const { queries, store } = await world();
    store.artefacts.delete(reportUri('electricity', promoted.sha256, 0));
    const run = await queries.run(promoted);
    assert.ok(run?.value.kind === 'ended');
    assert.equal(run.value.summary.fileName, 'nsw-2000-07.csv');
  });

  it('say that nobody answers of a run of which nothing is known', async () => {
    const { queries, temporal } = await world();
    temporal.fault = 'worker down';
    await assert.rejects(queries.run(running), UnansweredError);
  });

  it('know nothing of a run that never was', async () => {
    const { queries } = await world();
    assert.equal(await queries.run({ ...promoted, sha256: '0'.repeat(64) }), null);
    assert.equal(await queries.run({ ...promoted, revision: 7 }), null);
  });

  it('give models with their cards where the store has them', async () => {
    const { queries } = await world();
    const electricity = await queries.models('electricity');
    assert.equal(electricity?.value.cards.size, 4);
    const weather = await queries.models('weather');
    assert.equal(weather?.value.cards.size, 0);
    assert.notEqual(weather.value.champion, null);
  });

  it('keep showing a run under way as it was last known', async () => {
    const { queries, temporal, later } = await world();
    await queries.run(running);
    temporal.fault = 'worker down';
    later(5000);
    const run = await queries.run(running);
    assert.equal(run?.value.kind, 'running');
    assert.equal(run.stale?.asOf, '2026-11-24T15:00:00.000Z');
    assert.ok(temporal.progress.has(runWorkflowId('weather', RUNNING_SHA256, 0)));
  });
});
