import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportOf } from '../fixtures/reports.ts';
import { electricity, tell } from '../fixtures/runs.ts';
import { html } from '../html.ts';
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
      /<th scope="row">accuracy<\/th> <td class="number"> ?0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)/,
    );
  });

  it('says by which test a challenger was compared, what the rows can show, and who is harmed', () => {
    const section = sectionOf('promoted');
    assert.match(section, /McNemar’s test, one-sided p &lt; 0\.001/);
    assert.match(section, /is found four times in five/);
    assert.match(section, /period &gt;= 40/);
    assert.match(section, /not harmed/);
  });
});
