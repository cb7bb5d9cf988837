import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArtefactDamagedError } from '../store/artefact-store.ts';
import type { RunReport } from '../workflows/contract.ts';
import { reportOf } from './fixtures/reports.ts';
import { bikes, electricity, tell, weather } from './fixtures/runs.ts';
import { parseHistoryPage, parseRunReport } from './stored-reports.ts';

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const runs = [electricity, weather, bikes].flatMap((story) => tell(story));

describe('stored reports', () => {
  it('are read as they were published, whatever the outcome', () => {
    for (const run of runs) {
      const report = reportOf('electricity', run);
      assert.deepEqual(parseRunReport(bytesOf(report)), report);
    }
    assert.deepEqual(parseHistoryPage(bytesOf(runs)), runs);
  });

  it('keep where the errors of the champion are', () => {
    const run = runs.find((candidate) => candidate.metric !== null);
    assert.ok(run !== undefined);
    const report = reportOf('electricity', run);
    assert.ok(report.evaluation !== null);
    const { champion } = report.evaluation;
    const confusion = {
      classes: ['down', 'up'],
      counts: [
        [30, 4],
        [5, 21],
      ],
      unknown: [0, 2],
    };
    const current = { ...champion.current, confusion };
    const baseline = { ...champion.baseline, residuals: { p05: -1, p50: 0, p95: 2 } };
    const evaluation = { ...report.evaluation, champion: { ...champion, current, baseline } };
    const full: RunReport = { ...report, evaluation };
    assert.deepEqual(parseRunReport(bytesOf(full)), full);
  });

  it('keep how the champion and the challenger were trained', () => {
    const report = runs
      .map((run) => reportOf('electricity', run))
      .find(({ challenger }) => challenger !== null);
    assert.ok(report !== undefined && report.challenger !== null);
    const challenger = { ...report.challenger, mode: 'incremental' };
    const full: RunReport = { ...report, challenger, champion: { ...challenger, mode: 'full' } };
    const read = parseRunReport(bytesOf(full));
    assert.deepEqual([read.challenger?.mode, read.champion?.mode], ['incremental', 'full']);
  });

  it('are read when a run ended before anything was found', () => {
    const [run] = runs;
    assert.ok(run !== undefined);
    const { dataset, ...rest } = reportOf('electricity', run);
    assert.ok(dataset !== null);
    const summary = {
      ...run,
      action: null,
      rows: null,
      metric: null,
      championId: null,
      report: null,
    };
    const nothing = { drift: null, evaluation: null, decision: null, challenger: null };
    const bare: RunReport = { ...rest, ...nothing, summary, dataset: { ...dataset, task: null } };
    assert.deepEqual(parseRunReport(bytesOf(bare)), bare);
  });

  it('are refused, field by field, when they are not what they should be', () => {
    assert.throws(
      () => parseRunReport(bytesOf({ version: 2 })),
      (error: unknown) =>
        error instanceof ArtefactDamagedError && /version[^]*summary/.test(error.message),
    );
  });
});
