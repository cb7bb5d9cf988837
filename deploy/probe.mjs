/**
 * `node probe.mjs URL` ends with 0 if the URL answers with a success status within 4 seconds;
 * `node probe.mjs FILE` if the process that writes this health file found itself well within the last minute.
 * Else they end with 1 and say why.
 */
import { readFile } from 'node:fs/promises';

const FRESH_MS = 60_000;

async function ask(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
}

async function look(file) {
  const { component, at, healthy, problems } = JSON.parse(await readFile(file, 'utf8'));
  const age = Date.now() - Date.parse(at);
  if (!(age < FRESH_MS)) throw new Error(`the ${component} has said nothing since ${at}`);
  if (healthy !== true) throw new Error(problems.join(' '));
}

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('probe: give the URL to ask, or the health file to read');
  process.exit(1);
}
try {
  await (/^https?:/.test(target) ? ask(target) : look(target));
} catch (error) {
  console.error(`probe: ${target}: ${error.message}`);
  process.exitCode = 1;
}
