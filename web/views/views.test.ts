import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipelineSchema } from '../../pipelines/schema.ts';
import { driftedReport } from '../fixtures/drift.ts';
import { appointment, cardOf, estimate, modelTrainedOn } from '../fixtures/models.ts';
import { reportOf } from '../fixtures/reports.ts';
import { electricity, tell } from '../fixtures/runs.ts';
import { emptyPipeline } from '../fixtures/world.ts';
import { trustedHtml } from '../html.ts';
import type { PipelineListing, RunView } from '../queries.ts';
import { asInfrastructureError } from '../../core/infrastructure-error.ts';
import { memoOf } from '../listed-pipelines.ts';
import type { Stale } from '../known.ts';
import { LIGHT_QUEUE } from '../../workflows/contract.ts';
import { parseDriftReport } from '../stored-drift.ts';
import { errorPage } from './error.ts';
import { layout } from './layout.ts';
import { modelsPart } from './models.ts';
import { pipelinePage } from './pipeline.ts';
import { pipelinesPart } from './pipelines.ts';
import { runPart } from './run.ts';
import type { RunModel } from './run-model.ts';

/** Would end an attribute, a tag or a text, and then run. */
const HOSTILE = `'"></title><script>alert(1)</script><img src=x onerror=alert(2)>`;
const assertTame = (markup: string): void => {
  assert.doesNotMatch(markup, /<script>|<img src=x/);
  assert.match(markup, /&lt;script&gt;/, 'the name itself is shown');
};

const assets = { css: '/c', js: '/j', htmx: '/h', htmxIntegrity: 'sha384-x' };
const chart = trustedHtml('<svg></svg>');
const charts = { wide: chart, narrow: chart };
const [run] = tell({ ...electricity, runs: 54 }).slice(-1);
assert.ok(run !== undefined);
const hostileRun = { ...run, fileName: HOSTILE, path: HOSTILE, reason: HOSTILE };

function hostilePipeline(): PipelineListing {
  const files = { folder: HOSTILE, glob: HOSTILE };
  const config = pipelineSchema.parse({
    name: 'p',
    description: HOSTILE.slice(0, 190),
    files,
    target: HOSTILE,
  });
  const asked = { by: HOSTILE, why: HOSTILE, at: HOSTILE };
  const champion = appointment(
    modelTrainedOn(HOSTILE, estimate('accuracy', 0.8, 0.1)),
    HOSTILE,
    HOSTILE,
    HOSTILE,
  );
  return {
    name: 'p',
    status: {
      ...emptyPipeline({ ...config, hooks: null }).status,
      paused: asked,
      state: 'paused',
      champion,
      previous: champion,
      breaker: { kind: 'open', until: 0, coolDownMs: 1, reason: HOSTILE },
      running: { workflowId: HOSTILE, fileName: HOSTILE },
      queued: 30,
      next: [{ fileName: HOSTILE, sha256: HOSTILE }],
      last: hostileRun,
      audit: [{ ...asked, action: 'pause', detail: HOSTILE }],
    },
  };
}

function runModel(view: RunView): RunModel {
  return {
    id: { pipeline: 'p', sha256: run?.sha256 ?? '', revision: 0 },
    run: { value: view, stale: { why: HOSTILE, asOf: HOSTILE } },
    sort: 'strongest',
    charts: { performance: charts, comparison: charts, gain: charts },
    temporal: 'http://127.0.0.1:8233/x',
  };
}

describe('views', () => {
  it('show hostile names of pipelines, files, models and people as text', () => {
    const stale = { why: HOSTILE, asOf: null };
    const pipeline = { value: hostilePipeline(), stale };
    const status = hostilePipeline().status;
    assert.ok(status);
    const listed = {
      name: HOSTILE,
      memo: memoOf(status, HOSTILE),
      working: { fileName: HOSTILE, workflowId: HOSTILE },
      failing: false,
    };
    const value = { pipelines: [listed, listed], idleQueues: [LIGHT_QUEUE] };
    assertTame(pipelinesPart({ listing: { value, stale }, page: 0 }).toString());
    const page = pipelinePage({
      pipeline,
      name: 'p',
      runs: { value: { page: 0, pages: 2, runs: [hostileRun], timeline: [hostileRun] }, stale },
      charts,
      temporal: 'http://127.0.0.1:8233/x',
      done: null,
      failed: { command: 'resume', values: { by: HOSTILE, why: HOSTILE }, problems: [HOSTILE] },
    });
    assertTame(layout(page, assets).toString());
    assertTame(
      layout(errorPage({ status: 404, title: HOSTILE, message: HOSTILE }), assets).toString(),
    );
  });

  it('show hostile columns, failures and progress as text', () => {
    const columns = driftedReport.columns.map((column) => ({ ...column, name: HOSTILE }));
    const outcome = { kind: HOSTILE, reason: HOSTILE };
    const bytes = new TextEncoder().encode(
      JSON.stringify({ ...driftedReport, columns: [...columns, { ...columns[0], outcome }] }),
    );
    const report = { ...reportOf('p', hostileRun), failure: { type: HOSTILE, message: HOSTILE } };
    assertTame(
      runPart(
        runModel({
          kind: 'finished',
          report,
          drift: parseDriftReport(bytes),
          from: 'workflow',
          later: [],
        }),
      ).toString(),
    );
    assertTame(
      runPart(
        runModel({ kind: 'finished', report, drift: null, from: 'store', later: [] }),
      ).toString(),
    );
    assertTame(runPart(runModel({ kind: 'ended', summary: hostileRun })).toString());
    assertTame(runPart(runModel({ kind: 'lost', summary: null, why: HOSTILE })).toString());
    const progress = {
      file: report.file,
      startedAt: HOSTILE,
      stages: [{ stage: 'train' as const, startedAt: HOSTILE }],
      finished: false,
      decision: { action: 'retrain' as const, reason: HOSTILE },
    };
    const activity = {
      type: HOSTILE,
      state: 'running' as const,
      attempt: 2,
      lastFailure: HOSTILE,
      nextAttemptAt: HOSTILE,
      done: 0.5,
      note: HOSTILE,
    };
    assertTame(runPart(runModel({ kind: 'running', progress, activities: [activity] })).toString());
  });

  it('show hostile lineage as text', () => {
    const model = modelTrainedOn(HOSTILE, estimate('accuracy', 0.8, 0.1));
    const card = {
      ...cardOf(HOSTILE, model, HOSTILE),
      mode: HOSTILE,
      codeVersion: HOSTILE,
      target: HOSTILE,
    };
    const value = {
      champion: null,
      previous: null,
      candidates: [{ ...model, refusedBecause: HOSTILE }],
      shadow: null,
      audit: [
        { by: HOSTILE, why: HOSTILE, at: HOSTILE, action: 'promote' as const, detail: HOSTILE },
      ],
      cards: new Map([[model.id, card]]),
      comparisons: new Map(),
    };
    assertTame(
      modelsPart({ pipeline: 'p', models: { value, stale: null }, failed: null }).toString(),
    );
  });

  it('say how to begin when there is no pipeline, unless nobody could say', () => {
    const value = { pipelines: [], idleQueues: [] };
    const shown = (stale: Stale | null): string =>
      pipelinesPart({ listing: { value, stale }, page: 0 }).toString();
    assert.match(shown(null), /npm start/);
    assert.doesNotMatch(shown({ why: 'The Temporal server does not answer.', asOf: null }), /npm/);
  });

  it('list every one of many pipelines, page by page, and name those to look at', () => {
    const { status } = hostilePipeline();
    assert.ok(status);
    const pipelines = Array.from({ length: 120 }, (_, i) => ({
      name: `p${String(i).padStart(3, '0')}`,
      memo: memoOf(status, '2026-11-24T15:00:00.000Z'),
      working: null,
      failing: i === 77,
    }));
    const listing = { value: { pipelines, idleQueues: [] }, stale: null };
    const seen = [0, 1, 2].flatMap((page) =>
      [
        ...pipelinesPart({ listing, page })
          .toString()
          .matchAll(/id="pipeline-(p\d+)"/g),
      ].map(([, name]) => name),
    );
    assert.deepEqual(
      seen,
      pipelines.map(({ name }) => name),
    );
    const first = pipelinesPart({ listing, page: 0 }).toString();
    assert.match(first, /120 pipelines: .*1 whose workflow code fails/);
    assert.match(first, /To look at:[^]*pipelines\/p077/);
    assert.match(first, /Page 1 of 3/);
  });

  it('say of a run that is tried again what is wrong, what to do, and that it goes on', () => {
    const progress = {
      file: reportOf('p', run).file,
      startedAt: '2026-11-24T15:00:00.000Z',
      stages: [{ stage: 'ingest' as const, startedAt: '2026-11-24T15:00:00.000Z' }],
      finished: false,
      decision: null,
    };
    const shown = (lastFailure: string): string =>
      runPart(
        runModel({
          kind: 'running',
          progress,
          activities: [
            {
              type: 'ingest',
              state: 'waiting',
              attempt: 4,
              lastFailure,
              nextAttemptAt: '2026-11-24T15:01:30.000Z',
              done: null,
              note: null,
            },
          ],
        }),
      )
        .toString()
        .replace(/\s+/g, ' ');
    const full = shown('ENOSPC: no space left on device, write');
    assert.match(full, /is tried again at .*15:01:30 UTC/);
    assert.match(full, /no space is left on its disk; free some.*goes on by itself/);
    const cause = Object.assign(new Error('read'), { code: 'EIO' });
    const told = String(asInfrastructureError(cause, 'the file cannot be read'));
    assert.equal(shown(told).split('check the disk').length, 2, 'the remedy is said once');
    assert.match(shown('activity Heartbeat timeout'), /The worker ended or stood still/);
    assert.match(shown('something else'), /worker’s log says more/);
  });

  it('say each finding of a column in words', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(driftedReport));
    const view = {
      kind: 'finished',
      report: reportOf('p', run),
      drift: parseDriftReport(bytes),
      from: 'store',
      later: [],
    } as const;
    const markup = runPart(runModel(view)).toString();
    for (const words of [
      'material change',
      'changed, but little',
      'no change shown',
      'set aside',
      'too few values',
      'absent',
      '11 of the 30 needed',
      '1 new category in 31 values',
    ]) {
      assert.ok(markup.includes(words), words);
    }
  });
});
