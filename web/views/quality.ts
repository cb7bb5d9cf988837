/** Facts about a file as data: so or not, no question of chance. */
import { html, type Child } from '../html.ts';
import type { StoredDrift } from '../stored-drift.ts';

export function qualitySection({ quality }: StoredDrift): Child {
  if (quality === undefined || quality.length === 0) return null;
  return html`<h3 id="quality">The file as data</h3>
    <ul>
      ${quality.map(({ words }) => html`<li>${words}</li>`)}
    </ul>`;
}
