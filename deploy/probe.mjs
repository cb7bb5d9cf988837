/** `node probe.mjs URL` ends with 0 if the URL answers with a success status within 4 seconds, else with 1. */
const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('probe: give the URL to ask');
  process.exit(1);
}
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
} catch (error) {
  console.error(`probe: ${url}: ${error.message}`);
  process.exitCode = 1;
}
