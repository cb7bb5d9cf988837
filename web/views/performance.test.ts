import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatedReport, reportOf } from '../fixtures/reports.ts';
import { electricity, tell } from '../fixtures/runs.ts';
import { html } from '../html.ts';
import { estimateSection } from './estimate.ts';
import { lateLabelsSection } from './late-labels.ts';
import { performanceSection } from './performance.ts';

const noCharts = { performance: null, comparison: null, gain: null };

function sectionOf(outcome: 'promoted' | 'kept'): string {
  const run = tell({ ...electricity, runs: 54 }).findLast((each) => each.outcome === outcome);
  assert.ok(run !== undefined);
  return String(html`${performanceSection(reportOf('p', run), noCharts)}`).replace(/\s+/g, ' ');
}

describe('the section on the models', () => {
  it('shows which classes are taken for which, and how many of each are right', () => {
    const section = sectionOf('kept');
    assert.match(section, /Confusion matrix/);
    assert.match(section, /<strong>702<\/strong>/);
    assert.match(section, /85\.3 %/);
  });

  it('gives metrics their intervals', () => {
    assert.match(
      sectionOf('kept'),
      /<th scope="row">accuracy<\/th> <td class="number">0\.\d{3} <span class="muted interval">0\.\d{3} to 0\.\d{3}</,
    );
  });

  it('says by which test a challenger was compared, what the rows can show, and who is harmed', () => {
    const section = sectionOf('promoted');
    assert.match(section, /McNemar’s test, one-sided p &lt; 0\.001/);
    assert.match(section, /is found four times in five/);
    assert.match(section, /period &gt;= 40/);
    assert.match(section, /not harmed/);
  });

  it('says since which row the champion errs more', () => {
    const section = sectionOf('promoted');
    assert.match(
      section,
      /errs more from row <strong class="number">613<\/strong> \(<time[^>]*>1997-04-10/,
    );
    assert.match(section, /ADWIN, which watches from row to row, signals 1 change, at row 672/);
  });

  it('says what is estimated of the champion where there are no labels', () => {
    const [run] = tell({ ...electricity, runs: 3 });
    assert.ok(run !== undefined);
    const section = String(html`${estimateSection(estimatedReport(reportOf('p', run)))}`);
    assert.match(
      section.replace(/\s+/g, ' '),
      /estimated at <strong class="number">0\.710 \(0\.680 to 0\.740\)<\/strong>, 0\.070 worse than the 0\.780/,
    );
    assert.match(section, /CBPE/);
  });

  it('says why nothing is estimated of the champion', () => {
    const [run] = tell({ ...electricity, runs: 3 });
    assert.ok(run !== undefined);
    const estimated = { kind: 'not estimated', reason: '90 rows of 100 were held out' } as const;
    const section = String(html`${estimateSection({ ...reportOf('p', run), estimated })}`);
    assert.match(section.replace(/\s+/g, ' '), /could not be estimated: 90 rows of 100/);
  });

  it('says what late labels tell of the predictions made for the earlier file', () => {
    const [run] = tell({ ...electricity, runs: 3 }).slice(-1);
    assert.ok(run !== undefined);
    const report = reportOf('p', run);
    assert.ok(report.dataset !== null && report.evaluation !== null);
    const labelled = {
      ...report,
      dataset: { ...report.dataset, labelsFor: { fileName: 'may.csv', sha256: run.sha256 } },
      late: { modelId: 'm1', evaluation: report.evaluation.champion.current },
    };
    const section = String(html`${lateLabelsSection(labelled)}`).replace(/\s+/g, ' ');
    assert.match(section, /labels of <a href="[^"]+">may\.csv<\/a>/);
    assert.match(section, /by <code>m1<\/code>, score accuracy <strong class="number">0\.\d{3}/);
  });

  it('shows how the metrics voted where the rule of CalmOps for Python decides', () => {
    const [run] = tell({ ...electricity, runs: 3 }).slice(-1);
    assert.ok(run !== undefined);
    const report = reportOf('p', run);
    assert.ok(report.evaluation !== null);
    const vote = { metric: 'accuracy', value: 0.71, limit: 0.9, flagged: true } as const;
    const degradation = { absolute: { votes: [vote], degraded: true }, relative: null };
    const ruled = { ...report, evaluation: { ...report.evaluation, degradation } };
    const section = String(html`${performanceSection(ruled, noCharts)}`).replace(/\s+/g, ' ');
    assert.match(section, /at least half of the metrics vote against the champion/);
    assert.match(section, /0\.710<\/td> <td class="number">0\.900<\/td>/);
  });
});
