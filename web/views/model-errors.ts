/** What a model gets wrong, beyond its metrics. */
import type {
  ConfusionMatrix,
  Evaluation,
  ResidualQuantiles,
} from '../../core/models/metrics/evaluation.ts';
import { formatNumber, formatShare } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';

/** The confusion matrix of a classifier, the quantiles of the residuals of a regression. */
export function modelErrors({ confusion, residuals }: Evaluation): Child {
  if (confusion !== undefined) return confusionTable(confusion);
  if (residuals !== undefined) return residualsTable(residuals);
  return null;
}

function confusionTable({ classes, counts, unknown }: ConfusionMatrix): Html {
  const rows = classes.map((name, i) => ({ name, given: counts[i] ?? [], known: true }));
  if (unknown !== undefined) {
    rows.push({ name: 'classes the model does not know', given: unknown, known: false });
  }
  return html`<details>
    <summary>Confusion matrix</summary>
    <div class="scroll">
      <table class="plain" aria-label="Confusion matrix">
        <thead>
          <tr>
            <th scope="col">true class</th>
            ${classes.map((name) => html`<th scope="col" class="number">as ${name}</th>`)}
            <th scope="col" class="number">right</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ name, given, known }, i) => {
            const rowsOfClass = given.reduce((sum, count) => sum + count, 0);
            return html`<tr>
              <th scope="row">${name}</th>
              ${given.map(
                (count, j) =>
                  html`<td class="number">
                    ${known && i === j ? html`<strong>${formatNumber(count)}</strong>` : formatNumber(count)}
                  </td>`,
              )}
              <td class="number">
                ${rowsOfClass === 0 || !known ? '–' : formatShare((given[i] ?? 0) / rowsOfClass)}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </details>`;
}

function residualsTable({ p05, p50, p95 }: ResidualQuantiles): Html {
  return html`<p>
    Residuals, that is outcome minus prediction: the middle one is
    <span class="number">${formatNumber(p50)}</span>; 90 % of them lie from
    <span class="number">${formatNumber(p05)}</span> to
    <span class="number">${formatNumber(p95)}</span>.
  </p>`;
}
