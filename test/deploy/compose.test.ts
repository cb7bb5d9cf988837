import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const require = createRequire(import.meta.url);

/** Commands of `cli/main.ts`. */
const PROCESSES = ['worker', 'watch', 'web'];

const networkSchema = z.object({ aliases: z.array(z.string()).default([]) }).partial();

const serviceSchema = z.object({
  image: z.string().optional(),
  build: z.object({ context: z.string(), args: z.record(z.string(), z.string()) }).optional(),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z
    .array(z.union([z.string(), z.object({ source: z.string(), target: z.string() })]))
    .default([]),
  networks: z
    .union([z.array(z.string()), z.record(z.string(), networkSchema)])
    .default([])
    .transform((networks): Record<string, z.output<typeof networkSchema>> =>
      Array.isArray(networks) ? Object.fromEntries(networks.map((name) => [name, {}])) : networks,
    ),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().default(true) }))
    .default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  user: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  pids_limit: z.number().optional(),
  mem_limit: z.string().optional(),
  secrets: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
});

const document: unknown = parse(read('docker-compose.yml'), { merge: true });
const { services, secrets } = z
  .object({
    services: z.record(z.string(), serviceSchema),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  .parse(document);
const everyService = Object.entries(services);
const enabled = (profile: string): ReadonlyMap<string, z.output<typeof serviceSchema>> =>
  new Map(
    everyService.filter(([, { profiles }]) => profiles.length === 0 || profiles.includes(profile)),
  );

describe('docker-compose.yml', () => {
  it("follows the Compose specification's schema", () => {
    const schema = path.join(
      path.dirname(require.resolve('dclint/package.json')),
      'schemas/compose.schema.json',
    );
    const { $schema: _, ...rules } = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(readFileSync(schema, 'utf8')));
    // The schema uses keywords and formats of its own, which a validator may pass over.
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(rules);
    assert.ok(validate(document), JSON.stringify(validate.errors, null, 2));
    assert.equal(validate({ services: { worker: { imagee: 'x' } } }), false);
  });

  it('starts the development server unless a profile is asked for', () => {
    assert.match(read('.env'), /^COMPOSE_PROFILES=dev$/m);
    assert.deepEqual(
      [...enabled('dev').keys()],
      ['worker', 'watcher', 'web', 'ui-door', 'temporal-dev-volume', 'temporal-dev'],
    );
  });

  for (const profile of ['dev', 'prod']) {
    it(`has one Temporal server, and nothing that waits for a service that is off, under '${profile}'`, () => {
      const on = enabled(profile);
      const servers = [...on].filter(
        ([name, { networks }]) =>
          name === 'temporal' || networks['calmops']?.aliases?.includes('temporal'),
      );
      assert.equal(servers.length, 1);
      for (const [name, { depends_on }] of on) {
        for (const [other, { required }] of Object.entries(depends_on)) {
          assert.ok(on.has(other) || !required, `${name} waits for ${other}`);
        }
      }
    });
  }

  it('waits for health only where a health check says something', () => {
    for (const [name, { depends_on }] of everyService) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        if (condition !== 'service_healthy') continue;
        assert.ok(services[other]?.healthcheck !== undefined, `${name} waits for ${other}`);
      }
    }
  });

  it('is reachable from this machine only', () => {
    const ports = everyService.flatMap(([, service]) => service.ports);
    assert.ok(ports.length > 0);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
  });

  it('publishes the dashboard and a door that asks for the host name, and no Temporal UI by itself', () => {
    const publishing = everyService.filter(([, { ports }]) => ports.length > 0);
    assert.deepEqual(
      publishing.map(([name]) => name),
      ['web', 'ui-door'],
    );
    const [host, port] = services['ui-door']?.command.at(-1)?.split(':') ?? [];
    assert.ok(services['temporal-dev']?.networks['calmops']?.aliases?.includes(host ?? ''));
    assert.ok(services['temporal-dev']?.command.includes(`--ui-port=${port ?? ''}`));
    assert.ok(host !== undefined && host in services);
  });

  it('keeps the database apart from CalmOps', () => {
    const reach = everyService.filter(([, { networks }]) => 'database' in networks);
    assert.deepEqual(
      reach.map(([name]) => name),
      ['postgres', 'temporal-schema', 'temporal'],
    );
  });

  it('takes the images by the versions in .env, and by their digests once these are filled in', () => {
    for (const [name, { image, build }] of everyService) {
      if (build !== undefined) continue;
      const [, variable, version, digest] =
        /:\$\{(\w+):-([\d.]+)\}\$\{(\w+_DIGEST):-\}$/.exec(image ?? '') ?? [];
      assert.ok(variable !== undefined, `${name} uses ${image ?? 'no image'}`);
      assert.match(read('.env'), new RegExp(`^${variable}=${version ?? ''}$`, 'm'));
      assert.match(read('.env'), new RegExp(`^${digest ?? ''}=`, 'm'));
    }
  });

  for (const [name, service] of everyService) {
    it(`gives ${name} no more rights than it needs, and no more memory or processes than it says`, () => {
      assert.ok(service.read_only);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.deepEqual(service.cap_add, name === 'temporal-dev-volume' ? ['CHOWN'] : []);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      assert.ok((service.pids_limit ?? 0) > 0);
      assert.ok(service.mem_limit !== undefined);
    });
  }

  it('has no password in it: the one that there is comes from a file, which must be there', () => {
    for (const [name, { environment }] of everyService) {
      const given = Object.keys(environment).filter((variable) =>
        /(?:PASSWORD|PWD|SECRET|TOKEN|KEY)$/.test(variable),
      );
      assert.deepEqual(given, [], name);
    }
    const users = everyService.filter(([, service]) => service.secrets.length > 0);
    assert.deepEqual(
      users.map(([name]) => name),
      ['postgres', 'temporal-schema', 'temporal'],
    );
    for (const [name, service] of users) {
      for (const secret of service.secrets) assert.ok(secret in secrets, secret);
      const files = Object.entries(service.environment).filter(([key]) => key.endsWith('_FILE'));
      assert.deepEqual(
        files.map(([, file]) => file),
        service.secrets.map((secret) => `/run/secrets/${secret}`),
        name,
      );
    }
    assert.match(read('.gitignore'), /^secrets\/$/m);
  });

  it('asks every process of CalmOps whether it is well', () => {
    for (const name of ['worker', 'watcher', 'web', 'ui-door']) {
      const [, , probe, target] = services[name]?.healthcheck?.test ?? [];
      assert.equal(probe, 'deploy/probe.mjs', name);
      const file = services[name]?.environment['CALMOPS_HEALTH_FILE'];
      assert.ok(target === file || target?.startsWith('http://127.0.0.1:') === true, name);
    }
  });

  it('runs the processes of which CalmOps consists, from the build in the image', () => {
    const commands = everyService.flatMap(([, { command }]) =>
      command.slice(command.indexOf('build/calmops.js')).slice(1, 2),
    );
    assert.deepEqual(commands, [...PROCESSES, 'ui-door']);
    for (const name of commands)
      assert.match(read('cli/main.ts'), new RegExp(`^  '?${name}'?: `, 'm'));
    const probes = everyService.flatMap(([, { healthcheck }]) =>
      (healthcheck?.test ?? []).filter((word) => word.endsWith('.mjs')),
    );
    assert.deepEqual(new Set(probes), new Set(['deploy/probe.mjs']));
    assert.ok(existsSync(path.join(root, 'deploy/probe.mjs')));
  });

  it('mounts files of this repository', () => {
    const mounted = everyService.flatMap(([, { volumes }]) =>
      volumes.flatMap((volume) => (typeof volume === 'string' ? [volume.split(':')[0]] : [])),
    );
    const folders = mounted.filter((source) => source?.startsWith('./'));
    assert.ok(folders.length > 0);
    for (const folder of folders) assert.ok(existsSync(path.join(root, folder ?? '')), folder);
    const scripts = everyService.flatMap(([, { entrypoint }]) =>
      entrypoint.filter((word) => word.startsWith('/deploy/')),
    );
    for (const script of scripts) {
      assert.ok(
        existsSync(path.join(root, script.replace('/deploy/', 'deploy/temporal/'))),
        script,
      );
    }
    const config = services['temporal']?.environment['DYNAMIC_CONFIG_FILE_PATH'] ?? '';
    assert.ok(existsSync(path.join(root, 'deploy/temporal', path.basename(config))), config);
  });

  it('sets only variables that CalmOps reads', () => {
    const settings = read('shell/settings.ts');
    const set = everyService.flatMap(([, { environment }]) => Object.keys(environment));
    const ours = set.filter((name) => name.startsWith('CALMOPS_'));
    assert.ok(ours.length > 0);
    for (const name of ours) assert.ok(settings.includes(name), name);
  });

  it("gives both servers CalmOps' search attributes", () => {
    const wanted = Object.fromEntries(
      Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [
        name,
        type === 'DOUBLE' ? 'Double' : 'Keyword',
      ]),
    );
    const dev = (services['temporal-dev']?.command ?? []).flatMap((word) => {
      const [, name, type] = /^--search-attribute=(\w+)=(\w+)$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, type]];
    });
    assert.deepEqual(Object.fromEntries(dev), wanted);
    const script = read('deploy/temporal/bootstrap-namespace.sh');
    const prod = [...script.matchAll(/^persist create_attribute (\w+) (\w+)$/gm)];
    assert.deepEqual(Object.fromEntries(prod.map(([, name, type]) => [name, type])), wanted);
  });
});

describe('Dockerfile', () => {
  it('copies and runs files of this repository that .dockerignore lets through', () => {
    const dockerfile = read('Dockerfile');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      (files ?? '').split(' '),
    );
    for (const [from] of dockerfile.matchAll(/^FROM node.*$/gm))
      assert.match(from, /\$\{NODE_DIGEST\}/);
    const run = [...dockerfile.matchAll(/[\w/-]+\.(?:ts|mjs)/g)].map(([file]) => file);
    for (const file of [...copied, ...run]) assert.ok(existsSync(path.join(root, file)), file);
    const admitted = [...read('.dockerignore').matchAll(/^!([\w./-]+)$/gm)].map(([, name]) => name);
    for (const file of [...run, 'cli/main.ts', 'worker/compute-process.ts']) {
      assert.ok(admitted.includes(file) || admitted.includes(file.split('/')[0]), file);
    }
    for (const folder of admitted) assert.ok(existsSync(path.join(root, folder ?? '')), folder);
  });

  it('runs as a user without rights', () => {
    assert.match(read('Dockerfile'), /^USER node$/m);
  });
});

describe('ecosystem.config.cjs', () => {
  it('starts the same processes as the compose file', () => {
    const { apps } = z
      .object({ apps: z.array(z.object({ args: z.array(z.string()) })) })
      .parse(require(path.join(root, 'ecosystem.config.cjs')));
    assert.deepEqual(
      apps.map(({ args }) => args.at(-1)),
      PROCESSES,
    );
  });
});

describe('a process that is asked to stop', () => {
  it('is given longer than its worker needs, by Compose and by PM2', () => {
    const [, seconds = ''] = /FORCE = '(\d+) seconds'/.exec(read('worker/worker.ts')) ?? [];
    const forced = Number(seconds);
    assert.ok(forced > 0);
    const [, grace] = /^(\d+)s$/.exec(services['worker']?.stop_grace_period ?? '') ?? [];
    assert.ok(Number(grace) > forced);
    const { apps } = z
      .object({ apps: z.array(z.object({ kill_timeout: z.number() })) })
      .parse(require(path.join(root, 'ecosystem.config.cjs')));
    for (const { kill_timeout } of apps) assert.ok(kill_timeout > forced * 1000);
  });
});

describe('deploy/temporal', () => {
  for (const script of ['bootstrap-namespace.sh', 'set-up-postgres.sh', 'with-password.sh']) {
    it(`${script} is a valid POSIX shell script`, () => {
      execFileSync('sh', ['-n', path.join(root, 'deploy/temporal', script)]);
    });
  }

  it('dynamic-config.yaml gives each setting a list of values', () => {
    const config: unknown = parse(read('deploy/temporal/dynamic-config.yaml'));
    z.record(z.string(), z.array(z.object({ value: z.unknown() })).min(1)).parse(config);
  });
});

describe('with-password.sh', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-password-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const runWith = async (content: string | null): Promise<ReturnType<typeof spawnSync>> => {
    const file = path.join(folder, 'password');
    await rm(file, { force: true });
    if (content !== null) await writeFile(file, content);
    const script = path.join(root, 'deploy/temporal/with-password.sh');
    return spawnSync('sh', [script, 'SQL_PASSWORD', 'sh', '-c', 'printf %s "$SQL_PASSWORD"'], {
      env: { PATH: process.env['PATH'], PASSWORD_FILE: file },
      encoding: 'utf8',
    });
  };

  it('hands the password of the file to the program that asks for a variable', async () => {
    const { status, stdout } = await runWith('q7+Z/w=\n');
    assert.deepEqual([status, stdout], [0, 'q7+Z/w=']);
  });

  const refused: readonly (readonly [string, string | null])[] = [
    ['that is absent', null],
    ['that is empty', '\n'],
    ['with a quote, which would end the text in a configuration', 'a"b'],
  ];
  for (const [what, content] of refused) {
    it(`starts nothing with a file ${what}`, async () => {
      const { status, stdout } = await runWith(content);
      assert.notEqual(status, 0);
      assert.equal(stdout, '');
    });
  }
});

describe('pin-images.sh', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'calmops-pin-'));
    await mkdir(path.join(folder, 'deploy'));
    await mkdir(path.join(folder, 'bin'));
    await cp(path.join(root, '.env'), path.join(folder, '.env'));
    await cp(path.join(root, 'deploy/pin-images.sh'), path.join(folder, 'deploy/pin-images.sh'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** In place of Docker, which would ask the registry. */
  const pinWith = async (answer: string): Promise<ReturnType<typeof spawnSync>> => {
    const docker = path.join(folder, 'bin/docker');
    await writeFile(docker, `#!/bin/sh\necho "$4" >> ${folder}/asked\n${answer}\n`);
    await chmod(docker, 0o755);
    return spawnSync('sh', [path.join(folder, 'deploy/pin-images.sh')], {
      env: { PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
  };

  it('fills every digest in .env, for the images that are used', async () => {
    const { status, stderr } = await pinWith('echo "sha256:$(printf %s "$4" | cksum | tr -d " ")"');
    assert.equal(status, 0, String(stderr));
    const pinned = await readFile(path.join(folder, '.env'), 'utf8');
    assert.doesNotMatch(pinned, /_DIGEST=$/m);
    assert.equal(pinned.match(/_DIGEST=@sha256:\d+$/gm)?.length, 6);
    assert.match(pinned, /^TEMPORAL_CLI_VERSION=1\.9\.1$/m);
    const asked = (await readFile(path.join(folder, 'asked'), 'utf8')).trim().split('\n');
    const used = everyService.flatMap(([, { image, build }]) =>
      build === undefined
        ? [(image ?? '').replace(/\$\{\w+_DIGEST:-\}/, '').replace(/\$\{\w+:-([^}]+)\}/, '$1')]
        : [],
    );
    assert.deepEqual(new Set(asked), new Set([...used, 'node:22-bookworm-slim']));
  });

  it('changes nothing when the registry does not say what it should', async () => {
    const before = await readFile(path.join(folder, '.env'), 'utf8');
    assert.notEqual((await pinWith('echo "manifest unknown"')).status, 0);
    assert.equal(await readFile(path.join(folder, '.env'), 'utf8'), before);
  });
});
