/**
 * The three processes under PM2, beside a Temporal server that runs already:
 * `TEMPORAL_ADDRESS=… pm2 start ecosystem.config.cjs`.
 */
const app = (name, command, memory) => ({
  name,
  // Node itself: PM2's own wrapper does not know ES modules.
  script: process.execPath,
  interpreter: 'none',
  args: ['--enable-source-maps', 'scripts/calmops.mjs', command],
  cwd: __dirname,
  exec_mode: 'fork',
  kill_timeout: 30_000,
  max_memory_restart: memory,
  // A Temporal server that is down for long must not use up the restarts.
  exp_backoff_restart_delay: 500,
});

module.exports = {
  apps: [
    app('calmops-worker', 'worker', '3G'),
    app('calmops-watcher', 'watch', '512M'),
    app('calmops-web', 'web', '512M'),
  ],
};
