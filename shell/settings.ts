import { isIP } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What a CalmOps process is told by its environment. All folders are absolute. */
export interface Settings {
  /** what CalmOps keeps: the store, the embedded server's database, fetched tools */
  readonly home: string;
  readonly storeFolder: string;
  readonly pipelinesFolder: string;
  readonly logsFolder: string;
  /** where the dashboard listens */
  readonly host: string;
  readonly port: number;
  /** host names, besides loopback ones, under which the dashboard may be asked for */
  readonly allowedHosts: readonly string[];
  readonly computeThreads: number;
  /** most memory that reading a dataset file may take, in MB */
  readonly readMemoryMb: number;
  /** most memory that fitting a model may take, in MB */
  readonly fitMemoryMb: number;
  /** ports of the embedded Temporal server; unused when TEMPORAL_ADDRESS names another one */
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  /** base url of the Temporal UI, without a slash at its end */
  readonly temporalUi: string;
  /** workflows bundled ahead; null: they are bundled when the worker starts */
  readonly workflowBundle: string | null;
  /** look at watched folders on a timer, for mounts that report no changes */
  readonly polling: boolean;
  /** `host:port` where Prometheus may read the worker's metrics; null: nowhere */
  readonly metricsAddress: string | null;
  /** where a process says that it is alive and well; null: nowhere */
  readonly healthFile: string | null;
  /** the release that a worker belongs to, for Temporal's worker versioning; null: not versioned */
  readonly release: { readonly deploymentName: string; readonly buildId: string } | null;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** Names every variable that has a wrong value, what it was and what would be right. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

const PORT_RULE = 'a port from 1 to 65535';
const THREADS_RULE = 'a whole number from 1 to 256';
const MEMORY_RULE = 'a whole number of MB, 16 and above';
const READ_MEMORY_RULE = 'a whole number of MB, 256 and above';
const SWITCH_RULE = "'true' or 'false'";
const ADDRESS_RULE = 'an IP address and a port, such as 127.0.0.1:9464';
const RELEASE_RULE =
  '1 to 128 letters, digits, dashes or underscores; a build id may have dots too';

const wholeNumber = (least: number, most: number, rule: string) =>
  z
    .string()
    .regex(/^\d+$/, rule)
    .transform(Number)
    .pipe(z.number().min(least, rule).max(most, rule));
const port = wholeNumber(1, 65535, PORT_RULE);
const place = z
  .string()
  .min(1, 'a path')
  .transform((value) => path.resolve(value));

const hostList = z.string().transform((value) =>
  value
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== ''),
);

const environmentSchema = z.object({
  CALMOPS_HOME: place.prefault('.calmops'),
  CALMOPS_PIPELINES: place.prefault('pipelines'),
  CALMOPS_LOGS: place.prefault('logs'),
  CALMOPS_HOST: z.string().min(1, 'a host name or address').prefault('127.0.0.1'),
  CALMOPS_PORT: port.prefault('8501'),
  CALMOPS_ALLOWED_HOSTS: hostList.prefault(''),
  CALMOPS_THREADS: wholeNumber(1, 256, THREADS_RULE).optional(),
  CALMOPS_READ_MEMORY: wholeNumber(256, 2 ** 31 - 1, READ_MEMORY_RULE).optional(),
  CALMOPS_FIT_MEMORY: wholeNumber(16, 2 ** 31 - 1, MEMORY_RULE).optional(),
  CALMOPS_TEMPORAL_PORT: port.prefault('7233'),
  CALMOPS_TEMPORAL_UI_PORT: port.prefault('8233'),
  CALMOPS_TEMPORAL_UI: z
    .url({ protocol: /^https?$/, error: 'an http or https url' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  CALMOPS_WORKFLOW_BUNDLE: place.optional(),
  CALMOPS_METRICS_ADDRESS: z.string().refine(isAddress, ADDRESS_RULE).optional(),
  CALMOPS_HEALTH_FILE: place.optional(),
  /** Given as text or as a file, see `shell/codec-keys.ts`; not kept in the settings. */
  CALMOPS_CODEC_KEY: z.string().optional(),
  CALMOPS_CODEC_KEY_FILE: z.string().optional(),
  /** The two names that Temporal's own Worker Controller sets. */
  TEMPORAL_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[\w-]{1,128}$/, RELEASE_RULE)
    .optional(),
  TEMPORAL_WORKER_BUILD_ID: z
    .string()
    .regex(/^[\w.-]{1,128}$/, RELEASE_RULE)
    .optional(),
  CALMOPS_POLLING: z
    .enum(['true', 'false', '1', '0'], SWITCH_RULE)
    .transform((value) => value === 'true' || value === '1')
    .prefault('false'),
  CALMOPS_LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).prefault('info'),
});

/**
 * Reads the settings from `CALMOPS_*` variables; an empty variable counts as absent.
 * @throws SettingsError naming every variable with a wrong value
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) throw new SettingsError(describeIssues(parsed.error.issues, given));
  const values = parsed.data;
  return {
    home: values.CALMOPS_HOME,
    storeFolder: path.join(values.CALMOPS_HOME, 'store'),
    pipelinesFolder: values.CALMOPS_PIPELINES,
    logsFolder: values.CALMOPS_LOGS,
    host: values.CALMOPS_HOST,
    port: values.CALMOPS_PORT,
    allowedHosts: values.CALMOPS_ALLOWED_HOSTS,
    computeThreads: values.CALMOPS_THREADS ?? availableParallelism(),
    readMemoryMb: values.CALMOPS_READ_MEMORY ?? Math.max(1024, Math.min(4096, halfOfMemory())),
    fitMemoryMb: values.CALMOPS_FIT_MEMORY ?? halfOfMemory(),
    temporalPort: values.CALMOPS_TEMPORAL_PORT,
    temporalUiPort: values.CALMOPS_TEMPORAL_UI_PORT,
    temporalUi: values.CALMOPS_TEMPORAL_UI ?? `http://127.0.0.1:${values.CALMOPS_TEMPORAL_UI_PORT}`,
    workflowBundle: values.CALMOPS_WORKFLOW_BUNDLE ?? null,
    polling: values.CALMOPS_POLLING,
    metricsAddress: values.CALMOPS_METRICS_ADDRESS ?? null,
    healthFile: values.CALMOPS_HEALTH_FILE ?? null,
    release: releaseOf(values.TEMPORAL_DEPLOYMENT_NAME, values.TEMPORAL_WORKER_BUILD_ID),
    logLevel: values.CALMOPS_LOG_LEVEL,
  };
}

function isAddress(value: string): boolean {
  const [, host = '', number = ''] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(value) ?? [];
  return isIP(host) !== 0 && Number(number) >= 1 && Number(number) <= 65535;
}

function releaseOf(
  deploymentName: string | undefined,
  buildId: string | undefined,
): Settings['release'] {
  if (deploymentName === undefined && buildId === undefined) return null;
  if (deploymentName !== undefined && buildId !== undefined) return { deploymentName, buildId };
  const [set, missing] =
    buildId === undefined
      ? ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID']
      : ['TEMPORAL_WORKER_BUILD_ID', 'TEMPORAL_DEPLOYMENT_NAME'];
  throw new SettingsError(
    `${set} is set, but ${missing} is not: worker versioning needs the name of the deployment and an id of this release, such as its commit.`,
  );
}

/** In MB, of what this process may use: less than the machine has where a container limits it. */
function halfOfMemory(): number {
  const allowed = process.constrainedMemory();
  const bytes = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  return Math.floor(bytes / 2 / 2 ** 20);
}

function describeIssues(issues: readonly z.core.$ZodIssue[], given: NodeJS.ProcessEnv): string {
  const lines = issues.map((issue) => {
    const variable = String(issue.path[0]);
    return `  ${variable} is '${given[variable] ?? ''}', but must be ${issue.message}`;
  });
  return ['Wrong environment variables:', ...lines].join('\n');
}
