/**
 * The three processes under PM2, beside a Temporal server that runs already:
 * `TEMPORAL_ADDRESS=… pm2 start ecosystem.config.cjs`.
 */
const app = (name, entry, memory) => ({
  name,
  // Node itself: PM2's own wrapper wants to compile TypeScript by other means.
  script: process.execPath,
  interpreter: 'none',
  args: ['--import', 'tsx', entry],
  cwd: __dirname,
  exec_mode: 'fork',
  kill_timeout: 30_000,
  max_memory_restart: memory,
  // A Temporal server that is down for long must not use up the restarts.
  exp_backoff_restart_delay: 500,
});

module.exports = {
  apps: [
    app('calmops-worker', 'worker/main.ts', '3G'),
    app('calmops-watcher', 'starter/main.ts', '512M'),
    app('calmops-web', 'web/main.ts', '512M'),
  ],
};
