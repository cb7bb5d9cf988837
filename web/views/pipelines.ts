import { COMPUTE_QUEUE, LIGHT_QUEUE, type PipelineMemo } from '../../workflows/contract.ts';
import { formatCount, formatId, formatNumber, formatTime } from '../format.ts';
import { html, type Child, type Html } from '../html.ts';
import { partPath, pipelinePath, runPath } from '../paths.ts';
import type { Known } from '../known.ts';
import type { PipelinesView } from '../listed-pipelines.ts';
import type { VisiblePipeline } from '../temporal.ts';
import { livePart, type Page } from './layout.ts';
import { breakerWords, championWords, facts, outcomeBadge, staleNotice } from './words.ts';

const POLL_SECONDS = 5;
const PER_PAGE = 50;
/** Pipelines in trouble that are named above a list of several pages. */
const NAMED = 10;

export interface PipelinesModel {
  readonly listing: Known<PipelinesView>;
  /** from 0 */
  readonly page: number;
}

export function pipelinesPage(model: PipelinesModel): Page {
  return {
    title: 'Pipelines',
    body: html`<h1>Pipelines</h1>
      ${pipelinesPart(model)}`,
  };
}

export function pipelinesPart({ listing: { value, stale }, page }: PipelinesModel): Html {
  const { pipelines } = value;
  const pages = Math.max(1, Math.ceil(pipelines.length / PER_PAGE));
  const shown = Math.min(page, pages - 1);
  const path = partPath(`/pipelines?page=${String(shown)}`);
  const canWork = !value.idleQueues.includes(LIGHT_QUEUE);
  return livePart(
    { id: 'pipelines', path, everySeconds: POLL_SECONDS },
    html`${staleNotice(stale)} ${workerNotice(value)}
    ${pipelines.length > 1 && overview(pipelines, pages)}
    ${
      pipelines.length === 0
        ? stale === null && nothingYet()
        : pipelines
            .slice(shown * PER_PAGE, (shown + 1) * PER_PAGE)
            .map((each) => pipelineCard(each, canWork))
    }
    ${pager(shown, pages)}`,
  );
}

/** Lists are answered by the server: that nobody works shows only here. */
function workerNotice({ idleQueues, pipelines }: PipelinesView): Child {
  if (pipelines.length === 0) return null;
  if (idleQueues.includes(LIGHT_QUEUE)) {
    return html`<p class="notice stale" role="status">
      No worker runs: pipelines are shown as they were left. Files that arrive wait until one runs
      again.
    </p>`;
  }
  if (idleQueues.length === 0) return null;
  const waits = idleQueues.includes(COMPUTE_QUEUE) ? 'files are' : 'trainings are';
  return html`<p class="notice stale" role="status">
    No worker takes tasks from the queue ${idleQueues.join(', ')}: ${waits} queued, and wait until
    one does.
  </p>`;
}

function overview(pipelines: readonly VisiblePipeline[], pages: number): Html {
  const count = (is: (each: VisiblePipeline) => boolean): number => pipelines.filter(is).length;
  const queued = pipelines.reduce((sum, { memo }) => sum + (memo?.queued ?? 0), 0);
  const counts: readonly (readonly [number, string])[] = [
    [count(({ working }) => working !== null), 'working'],
    [count(({ memo }) => (memo?.paused ?? null) !== null), 'paused'],
    [count(({ memo }) => memo?.breaker.kind === 'open'), 'with an open breaker'],
    [count(({ failing }) => failing), 'whose workflow code fails'],
  ];
  const said = counts.flatMap(([n, words]) => (n === 0 ? [] : [`${formatNumber(n)} ${words}`]));
  const files = queued === 0 ? '' : `, ${formatCount(queued, 'file')} waiting`;
  return html`<p class="muted">
      ${formatCount(pipelines.length, 'pipeline')}${said.length > 0 && `: ${said.join(', ')}`}${files}.
    </p>
    ${pages > 1 && inTrouble(pipelines)}`;
}

/** Of many pages, those that somebody should look at. */
function inTrouble(pipelines: readonly VisiblePipeline[]): Child {
  const found = [
    ...pipelines.filter(({ failing }) => failing),
    ...pipelines.filter(
      ({ failing, memo }) =>
        !failing && (memo?.breaker.kind === 'open' || memo?.last?.outcome === 'failed'),
    ),
  ];
  if (found.length === 0) return null;
  const more = found.length - NAMED;
  return html`<p>
    To look at:
    ${found
      .slice(0, NAMED)
      .map(({ name }, i) => html`${i > 0 && ', '}<a href="${pipelinePath(name)}">${name}</a>`)}${
      more > 0 && ` and ${formatNumber(more)} more`
    }.
  </p>`;
}

function pager(page: number, pages: number): Child {
  if (pages === 1) return null;
  const to = (target: number): string => `/?page=${String(target)}`;
  return html`<nav class="pager" aria-label="Pages of pipelines">
    ${page > 0 ? html`<a href="${to(page - 1)}" rel="prev">Before</a>` : html`<span></span>`}
    <span>Page ${page + 1} of ${pages}</span>
    ${page < pages - 1 ? html`<a href="${to(page + 1)}" rel="next">After</a>` : html`<span></span>`}
  </nav>`;
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

function pipelineCard(pipeline: VisiblePipeline, canWork: boolean): Html {
  const { name, memo } = pipeline;
  return html`<article class="card pipeline" id="pipeline-${name}">
    <header>
      <h2><a href="${pipelinePath(name)}">${name}</a></h2>
      ${badge(pipeline, canWork)}
    </header>
    ${
      memo !== null &&
      html`${memo.description !== '' && html`<p class="muted">${memo.description}</p>`}
      ${facts([
        ['Last decision', lastDecision(name, memo.last)],
        ['Champion', championWords(memo.champion)],
        ['In shadow', shadow(memo)],
        ['Breaker', breakerWords(memo.breaker)],
        ['Queue', queue(pipeline, memo)],
      ])}`
    }
  </article>`;
}

function badge({ memo, working, failing }: VisiblePipeline, canWork: boolean): Html {
  if (failing) return html`<span class="badge bad">its workflow code fails</span>`;
  if (working !== null && canWork) {
    return html`<span class="badge good">working on ${working.fileName}</span>`;
  }
  if (working !== null) {
    return html`<span class="badge warn">${working.fileName} waits for a worker</span>`;
  }
  if (memo === null) return html`<span class="badge neutral">not known</span>`;
  if (memo.paused !== null) return html`<span class="badge warn">paused</span>`;
  return html`<span class="badge neutral">waiting for files</span>`;
}

/** A pipeline at work tells how far it is every few seconds; one at rest is as it was told. */
function queue({ working }: VisiblePipeline, { queued, runs, at }: PipelineMemo): Child {
  return html`${formatCount(queued, 'file')} waiting, ${formatCount(runs, 'file')}
  done${working !== null && html` <span class="muted">at ${formatTime(at)}</span>`}`;
}

function shadow({ shadow: running }: PipelineMemo): Child {
  if (running === null) return null;
  const { id, filesSeen, files } = running;
  return html`${formatId(id)}: seen ${formatNumber(filesSeen)} of ${formatCount(files, 'file')}`;
}

function lastDecision(name: string, last: PipelineMemo['last']): Child {
  if (last === null) return 'none yet: no file has arrived';
  return html`${outcomeBadge(last.outcome)} <a href="${runPath(name, last)}">${last.fileName}</a
    ><br />
    <span class="reason">${last.reason}</span>`;
}
