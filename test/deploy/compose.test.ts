import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
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
  build: z.string().optional(),
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
    .transform((networks): Record<string, z.output<typeof networkSchema>> =>
      Array.isArray(networks) ? Object.fromEntries(networks.map((name) => [name, {}])) : networks,
    ),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().default(true) }))
    .default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});

const document: unknown = parse(read('docker-compose.yml'), { merge: true });
const { services } = z.object({ services: z.record(z.string(), serviceSchema) }).parse(document);
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
    assert.deepEqual([...enabled('dev').keys()], ['worker', 'watcher', 'web', 'temporal-dev']);
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

  it('keeps the database apart from CalmOps', () => {
    const reach = everyService.filter(([, { networks }]) => 'database' in networks);
    assert.deepEqual(
      reach.map(([name]) => name),
      ['postgres', 'temporal-schema', 'temporal'],
    );
  });

  it('pins the images, to the versions in .env', () => {
    for (const [name, { image, build }] of everyService) {
      if (build !== undefined) continue;
      const [, variable, version] = /:\$\{(\w+):-([\d.]+)\}$/.exec(image ?? '') ?? [];
      assert.ok(variable !== undefined, `${name} uses ${image ?? 'no image'}`);
      assert.match(read('.env'), new RegExp(`^${variable}=${version ?? ''}$`, 'm'));
    }
  });

  it('runs the processes of which CalmOps consists, from the build in the image', () => {
    const commands = everyService.flatMap(([, { command }]) =>
      command.includes('build/calmops.js') ? [command.at(-1)] : [],
    );
    assert.deepEqual(commands, PROCESSES);
    for (const name of PROCESSES)
      assert.match(read('cli/main.ts'), new RegExp(`^  ${name}: `, 'm'));
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

describe('deploy/temporal', () => {
  for (const script of ['bootstrap-namespace.sh', 'set-up-postgres.sh']) {
    it(`${script} is a valid POSIX shell script`, () => {
      execFileSync('sh', ['-n', path.join(root, 'deploy/temporal', script)]);
    });
  }

  it('dynamic-config.yaml gives each setting a list of values', () => {
    const config: unknown = parse(read('deploy/temporal/dynamic-config.yaml'));
    z.record(z.string(), z.array(z.object({ value: z.unknown() })).min(1)).parse(config);
  });
});
