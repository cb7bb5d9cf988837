/**
 * The three processes under PM2, beside a Temporal server that runs already:
 * `TEMPORAL_ADDRESS=… pm2 start ecosystem.config.cjs`.
 */
const app = (name, script, memory) => ({
  name,
  script,
  cwd: __dirname,
  interpreter: 'node',
  interpreter_args: '--import tsx',
  exec_mode: 'fork',
  // More workers on one host share the work; the other two are single.
  instances: 1,
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
