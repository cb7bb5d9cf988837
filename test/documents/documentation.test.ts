import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { pipelineSchema } from '../../pipelines/schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const documents = ['.', 'docs', 'docs/adr'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
);

/** What `pattern` captures in a text, once each. */
const captured = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, group = '']) => group)),
];

describe('the documents', () => {
  for (const document of documents) {
    it(`${document} links to files that are there`, () => {
      const targets = captured(read(document), /\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)/g);
      for (const target of targets) {
        const file = path.join(root, path.dirname(document), target);
        assert.ok(existsSync(file), `${document} links to ${target}`);
      }
    });
  }

  for (const document of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    it(`${document} names source files that are there`, () => {
      const folders =
        /`((?!pipelines\/sales\/)(?:core|data|store|pipelines|workflows|activities|shell|worker|starter|web|deploy|test)\/[\w./-]*)`/g;
      for (const file of captured(read(document), folders)) {
        assert.ok(existsSync(path.join(root, file)), `${document} names ${file}`);
      }
    });

    it(`${document} names npm scripts that are there`, () => {
      const { scripts } = z
        .object({ scripts: z.record(z.string(), z.string()) })
        .parse(JSON.parse(read('package.json')));
      const named = captured(read(document), /npm (?:run )?((?<=run )[\w:-]+|start\b|test\b)/g);
      for (const script of named) assert.ok(script in scripts, `${document} names ${script}`);
    });
  }
});

describe('README.md', () => {
  it('shows a pipeline that is valid', () => {
    const [example = ''] = captured(read('README.md'), /```yaml\n([\s\S]*?)```/g);
    const { name, target } = pipelineSchema.parse(parse(example));
    assert.deepEqual({ name, target }, { name: 'sales', target: 'returned' });
  });

  it('lists the variables that CalmOps reads', () => {
    const table = captured(read('README.md'), /`(CALMOPS_\w+)`/g);
    const settings = captured(read('shell/settings.ts'), /^ {2}(CALMOPS_\w+):/gm);
    assert.deepEqual([...table].sort(), [...settings].sort());
  });
});
