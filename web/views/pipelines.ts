import { formatCount } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { partPath, pipelinePath, runPath } from '../paths.ts';
import type { Known } from '../known.ts';
import type { PipelineListing } from '../queries.ts';
import { livePart, type Page } from './layout.ts';
import {
  breakerWords,
  championWords,
  facts,
  outcomeBadge,
  staleNotice,
  stateBadge,
} from './words.ts';

const POLL_SECONDS = 3;

type Listing = Known<readonly PipelineListing[]>;

export function pipelinesPage(listing: Listing): Page {
  return {
    title: 'Pipelines',
    body: html`<h1>Pipelines</h1>
      ${pipelinesPart(listing)}`,
  };
}

export function pipelinesPart({ value, stale }: Listing): Html {
  const place = { id: 'pipelines', path: partPath('/pipelines'), everySeconds: POLL_SECONDS };
  return livePart(
    place,
    html`${staleNotice(stale)}
    ${value.length === 0 ? stale === null && nothingYet() : value.map(pipelineCard)}`,
  );
}

function nothingYet(): Html {
  return html`<section class="card empty">
    <h2>No pipeline runs yet</h2>
    <p>
      A pipeline says which files to watch and what to predict. Describe one in
      <code>pipelines/&lt;name&gt;/pipeline.yaml</code>:
    </p>
    <pre><code>name: sales
files:
  folder: data/sales
target: churned</code></pre>
    <p>
      Then run <code>npm start</code> and drop a file into the folder. The first file with labels
      trains the first champion; every later one is checked against it, and this page shows what was
      decided and why.
    </p>
  </section>`;
}

function pipelineCard({ name, status }: PipelineListing): Html {
  return html`<article class="card pipeline" id="pipeline-${name}">
    <header>
      <h2><a href="${pipelinePath(name)}">${name}</a></h2>
      ${status === null ? html`<span class="badge neutral">not known</span>` : stateBadge(status)}
    </header>
    ${
      status !== null &&
      html`${
        status.config.description !== '' && html`<p class="muted">${status.config.description}</p>`
      }
      ${facts([
        ['Last decision', lastDecision(name, status.last)],
        ['Champion', championWords(status.champion)],
        ['Breaker', breakerWords(status.breaker)],
        [
          'Queue',
          `${formatCount(status.queued, 'file')} waiting, ${formatCount(status.runs, 'file')} done`,
        ],
      ])}`
    }
  </article>`;
}

function lastDecision(name: string, last: NonNullable<PipelineListing['status']>['last']): Child {
  if (last === null) return 'none yet: no file has arrived';
  return html`${outcomeBadge(last.outcome)} <a href="${runPath(name, last)}">${last.fileName}</a
    ><br />
    <span class="reason">${last.reason}</span>`;
}
