/**
 * The three processes under PM2, beside a Temporal server that runs already:
 * `TEMPORAL_ADDRESS=… pm2 start ecosystem.config.cjs`. A process that ends is started again, whatever it ended with: it ends
 * with 0 only when it is asked to, and `pm2 stop` starts nothing.
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
  // A Temporal server that is down for long must not use up the restarts: pauses grow to 15 s, and a setting that is wrong,
  // which ends a process within a second, is given up after a hundred.
  exp_backoff_restart_delay: 500,
  min_uptime: 1_000,
  max_restarts: 100,
});

module.exports = {
  apps: [
    app('calmops-worker', 'worker', '3G'),
    app('calmops-watcher', 'watch', '512M'),
    app('calmops-web', 'web', '512M'),
  ],
};
