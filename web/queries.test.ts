import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIGHT_QUEUE, reportUri, runWorkflowId } from '../workflows/contract.ts';
import { RUNNING_SHA256, fixtureWorld, type FixtureWorld } from './fixtures/world.ts';
import { sha256Of } from './fixtures/models.ts';
import { createQueries, RUNS_PER_PAGE, type Queries } from './queries.ts';
import type { RunId } from './published.ts';
import { parseRunReport } from './stored-reports.ts';
import { EndedWorkflowError, UnansweredError } from './temporal.ts';

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
      value.pipelines.map(({ name, memo, working }) => [
        name,
        memo?.paused?.by ?? null,
        working?.fileName ?? null,
      ]),
      [
        ['bike-rentals', null, null],
        ['churn', null, null],
        ['electricity', 'Maria Okafor', null],
        ['weather', null, 'new-york-2012-h2.csv'],
      ],
    );
    assert.equal(stale, null);
  });

  it('ask only those pipelines that the list of workflows tells nothing of', async () => {
    const { queries, temporal } = await world();
    const { value } = await queries.pipelines();
    assert.equal(temporal.queries, 1);
    assert.ok(value.pipelines.every(({ memo }) => memo !== null));
  });

  it('list pipelines as they were left while no worker runs, and say so', async () => {
    const { queries, temporal } = await world();
    temporal.fault = 'worker down';
    const { value, stale } = await queries.pipelines();
    assert.equal(stale, null);
    assert.equal(temporal.queries, 0, 'nobody would answer');
    assert.ok(value.idleQueues.includes(LIGHT_QUEUE));
    assert.deepEqual(
      value.pipelines.filter(({ memo }) => memo === null).map(({ name }) => name),
      ['churn'],
    );
  });

  it('list what was last known, and since when, while the server is down', async () => {
    const { queries, temporal, later } = await world();
    await queries.pipelines();
    temporal.fault = 'server down';
    later(60_000);
    const { value, stale } = await queries.pipelines();
    assert.equal(value.pipelines.length, 4);
    assert.match(stale?.why ?? '', /server does not answer/);
    assert.equal(stale?.asOf, '2026-11-24T15:00:00.000Z');
  });

  it('show what was last known of a pipeline while no worker answers', async () => {
    const { queries, temporal, later } = await world();
    await queries.pipeline('weather');
    temporal.fault = 'worker down';
    later(60_000);
    const known = await queries.pipeline('weather');
    assert.equal(known?.value.status?.state, 'working');
    assert.match(known.stale?.why ?? '', /No worker answers/);
    assert.equal(known.stale?.asOf, '2026-11-24T15:00:00.000Z');
  });

  it('do not show a pipeline whose workflow has ended as it was before', async () => {
    const { queries, temporal } = await world();
    await queries.pipeline('weather');
    const ended = new EndedWorkflowError('Its workflow was terminated at 2026-11-24 15:00:00 UTC.');
    temporal.trouble.set('pipeline/weather', ended);
    const known = await queries.pipeline('weather');
    assert.equal(known?.value.status, null);
    assert.match(known.stale?.why ?? '', /was terminated .* begins anew with the next file/);
    const runs = await queries.runs('weather', 0);
    assert.equal(runs?.value.runs.length, 9, 'the store has them');
  });

  it('tell trouble with the code of one pipeline of that one alone', async () => {
    const { queries, temporal } = await world();
    const failing = new UnansweredError('workflow', 'Its workflow code fails in the worker.');
    temporal.trouble.set('pipeline/weather', failing);
    const { value, stale } = await queries.pipelines();
    assert.equal(stale, null);
    assert.deepEqual(
      value.pipelines.filter((each) => each.failing).map(({ name }) => name),
      ['weather'],
    );
    assert.equal((await queries.pipeline('weather'))?.stale?.who, 'workflow');
    assert.equal((await queries.pipeline('electricity'))?.stale, null);
  });

  it('compare with the clock what ends by itself: a rest, and an open breaker', async () => {
    const { queries, temporal, later } = await world();
    const pipeline = temporal.pipelines.get('pipeline/bike-rentals');
    assert.ok(pipeline);
    const until = '2026-11-24T15:10:00.000Z';
    pipeline.status = { ...pipeline.status, coolDown: { words: 'it rests', until } };
    const before = (await queries.pipeline('bike-rentals'))?.value.status;
    assert.equal(before?.coolDown?.until, until);
    assert.equal(before.breaker.kind, 'open');
    later(3 * 3_600_000);
    const after = (await queries.pipeline('bike-rentals'))?.value.status;
    assert.equal(after?.coolDown, null);
    assert.equal(after.breaker.kind, 'half-open');
    const listed = (await queries.pipelines()).value.pipelines;
    assert.equal(listed[0]?.memo?.breaker.kind, 'half-open');
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

  it('give the report that the workflow still tells when the store does not have it', async () => {
    const { queries, store, temporal } = await world();
    const uri = reportUri('electricity', promoted.sha256, 0);
    const report = parseRunReport(await store.get(uri));
    store.artefacts.delete(uri);
    const workflowId = runWorkflowId('electricity', promoted.sha256, 0);
    temporal.trouble.set(workflowId, new EndedWorkflowError('Its workflow was completed.'));
    temporal.reports.set(workflowId, report);
    const run = await queries.run(promoted);
    assert.ok(run?.value.kind === 'finished');
    assert.equal(run.value.from, 'workflow');
    assert.equal(run.value.report.summary.outcome, 'promoted');
  });

  it('say of a run whose report is damaged where and how, with what its pipeline knows', async () => {
    const { queries, store } = await world();
    const uri = reportUri('electricity', promoted.sha256, 0);
    store.artefacts.set(uri, new TextEncoder().encode('{"version":1'));
    const run = await queries.run(promoted);
    assert.ok(run?.value.kind === 'lost');
    assert.match(run.value.why, /damaged in the store.*not JSON/);
    assert.equal(run.value.summary?.outcome, 'promoted');
  });

  it('list the other runs when one report is damaged, and the models when a card is', async () => {
    const { queries, store, temporal } = await world();
    const models = await queries.models('electricity');
    const card = models?.value.champion?.model.card.uri ?? '';
    store.artefacts.set(card, new TextEncoder().encode('[]'));
    const anew = createQueries({ temporal: temporal.reader, store });
    assert.equal((await anew.models('electricity'))?.value.cards.size, 3);
    const [first] = [...store.artefacts.keys()].filter((uri) => uri.startsWith('reports/weather/'));
    store.artefacts.set(first ?? '', new TextEncoder().encode('x'));
    temporal.fault = 'worker down';
    assert.equal((await anew.runs('weather', 0))?.value.runs.length, 8);
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
