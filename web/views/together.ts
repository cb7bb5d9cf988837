/** The columns taken together: changed dependence, that none of them shows by itself. */
import { formatCount, formatNumber, formatPValue, formatShare } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import type { StoredDrift, StoredJointTest } from '../stored-drift.ts';

export function togetherSection({ together }: StoredDrift): Child {
  if (together === undefined || together === null || together.columns.length < 2) return null;
  const { columns, referenceRows, currentRows, tests, material } = together;
  return html`<h3 id="together">The columns together</h3>
    <p>
      <span class="badge ${material ? 'warn' : 'neutral'}"
        >${material ? 'material change' : 'no material change'}</span
      >
      <span class="muted"
        >${formatCount(columns.length, 'column')}, ${formatCount(referenceRows, 'row')} of the
        reference and ${formatNumber(currentRows)} of this file looked at</span
      >
    </p>
    <table class="stack" aria-label="Tests of the columns together">
      <thead>
        <tr>
          <th scope="col">Test</th>
          <th scope="col">Finding</th>
          <th scope="col" class="number">Statistic</th>
          <th scope="col" class="number">p (Holm)</th>
          <th scope="col" class="number">Effect</th>
          <th scope="col">Carried by</th>
        </tr>
      </thead>
      <tbody>
        ${tests.map(testRow)}
      </tbody>
    </table>`;
}

function testRow({ test, decides, outcome }: StoredJointTest): Html {
  const name = html`<th scope="row">
    ${test} ${!decides && html`<span class="muted">shown beside, decides nothing</span>`}
  </th>`;
  if (outcome.kind !== 'tested') {
    const tone = outcome.kind === 'failed' ? 'bad' : 'neutral';
    return html`<tr>
      ${name}
      <td data-label="Finding" colspan="5">
        <span class="badge ${tone}">${OUTCOME_WORDS[outcome.kind]}</span>
        <span class="muted">${outcome.reason}</span>
      </td>
    </tr>`;
  }
  const { statistic, pValue, decision, attribution } = outcome;
  return html`<tr class="${decision?.material === true ? 'material' : ''}">
    ${name}
    <td data-label="Finding">${decision === null ? '–' : finding(decision)}</td>
    <td data-label="Statistic" class="number">${formatNumber(statistic)}</td>
    <td data-label="p (Holm)" class="number">
      ${
        decision === null
          ? html`${formatPValue(pValue)} <span class="muted">alone</span>`
          : formatPValue(decision.adjustedPValue)
      }
    </td>
    <td data-label="Effect" class="number">
      ${
        decision === null
          ? '–'
          : html`${formatNumber(decision.effect.value)}
              <span class="muted">of ${formatNumber(decision.effect.threshold)}</span>
              <span class="muted">${decision.effect.name}</span>`
      }
    </td>
    <td data-label="Carried by">${carriers(attribution)}</td>
  </tr>`;
}

const OUTCOME_WORDS = {
  insufficient: 'too few rows',
  'not needed': 'not needed',
  failed: 'failed',
} as const;

type Tested = Extract<StoredJointTest['outcome'], { kind: 'tested' }>;

function finding({ material, significant }: NonNullable<Tested['decision']>): Html {
  if (material) return html`<span class="badge warn">material change</span>`;
  if (significant) return html`<span class="badge neutral">changed, but little</span>`;
  return html`<span class="badge neutral">no change shown</span>`;
}

const CARRIERS_SHOWN = 3;

function carriers(attribution: Tested['attribution']): Child {
  if (attribution.length === 0) return '–';
  return attribution
    .slice(0, CARRIERS_SHOWN)
    .map(
      ({ column, share }, i) => html`${i > 0 && ', '}<code>${column}</code> ${formatShare(share)}`,
    );
}
