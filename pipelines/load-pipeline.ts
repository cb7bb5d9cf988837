import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { hasCode } from '../core/error-code.ts';
import { explainIssues } from './explain-issues.ts';
import { findHooks, missingHooks } from './find-hooks.ts';
import { keptAt, type KeptFolder } from './inbox.ts';
import { atStart, unreadable, type Problem } from './problem.ts';
import { readPipelineFile } from './read-pipeline-file.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import { pipelineSchema, type HooksRef, type PipelineConfig } from './schema.ts';

export type LoadedPipeline =
  | {
      readonly kind: 'valid';
      readonly config: PipelineConfig;
      readonly folder: string;
      readonly hooks: HooksRef | null;
      /** changes whenever the pipeline or its hooks do */
      readonly configSha256: string;
    }
  | {
      readonly kind: 'invalid';
      /** the name of the folder */
      readonly name: string;
      readonly problems: readonly Problem[];
    };

const FILE_NAMES = ['pipeline.yaml', 'pipeline.yml'] as const;

/** Far more than any pipeline says: what is larger is not read. */
const MAX_BYTES = 256 * 1024;
/** As JSON, which is longer: names have quotes there, and what an alias stands for is repeated. */
const MAX_JSON_BYTES = 1024 * 1024;

/**
 * The pipelines below a folder: its subfolders with a pipeline.yaml or pipeline.yml, by name, and those that cannot
 * be read, as invalid ones. Whatever else is there does not count.
 * @param kept folders, besides that of the pipelines, whose files no pipeline may take as data
 * @throws Error if the folder itself cannot be read
 */
export async function loadPipelines(
  root: string,
  kept: readonly KeptFolder[] = [],
): Promise<readonly LoadedPipeline[]> {
  const all = [...kept, { path: root, what: 'the folder of pipelines', deep: true }];
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
  const loaded = await Promise.all(
    names.map(async (name) => {
      const folder = join(root, name);
      const files = await pipelineFilesIn(folder);
      return 'problem' in files || files.names.length > 0 ? [await loadPipeline(folder, all)] : [];
    }),
  );
  return loaded.flat();
}

/** The pipeline in a folder, with every default filled in; or all that is wrong with it. */
export async function loadPipeline(
  folder: string,
  kept: readonly KeptFolder[] = [],
): Promise<LoadedPipeline> {
  const name = basename(resolve(folder));
  const invalid = (problems: readonly Problem[]): LoadedPipeline => ({
    kind: 'invalid',
    name,
    problems,
  });
  const files = await pipelineFilesIn(folder);
  if ('problem' in files) return invalid([files.problem]);
  const [fileName = FILE_NAMES[0], second] = files.names;
  const file = join(folder, fileName);
  if (second !== undefined)
    return invalid([atStart(file, `${second} beside it`, 'one of the two')]);

  const read = await readText(file);
  if ('problem' in read) return invalid([read.problem]);
  const yaml = readYaml(read.text, file);
  if (yaml.kind === 'unreadable') return invalid(yaml.problems);
  const parsed = pipelineSchema.safeParse(withName(yaml.value, name));
  if (!parsed.success) return invalid(explainIssues(parsed.error.issues, file, yaml));
  if (parsed.data.name !== name) return invalid([otherName(parsed.data.name, name, file, yaml)]);

  const inbox = parsed.data.files.folder;
  const own = { path: folder, what: "the pipeline's own folder", deep: true };
  const keeps = await keptAt(inbox, [own, ...kept]);
  if (keeps !== null) return invalid([keptInbox(inbox, keeps, file, yaml)]);

  const found = await findHooks(resolve(folder));
  if (found.kind === 'faulty') return invalid([found.problem]);
  const missing = missingHooks(parsed.data, found.names).map(({ path, hooks }): Problem => ({
    file,
    ...yaml.positionOf(path),
    field: path.join('.'),
    found: found.ref === null ? "'hooks', without a hooks.ts" : "'hooks', without the hooks",
    expected: `a hooks.ts that defines ${hooks.join(' and ')}`,
  }));
  if (missing.length > 0) return invalid(missing);

  const config: PipelineConfig = { ...parsed.data, hooks: found.ref };
  const json = JSON.stringify(config);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_JSON_BYTES) {
    return invalid([
      atStart(
        file,
        `${bytes} bytes as JSON, with all aliases resolved`,
        `at most ${MAX_JSON_BYTES}: repeat less by aliases`,
      ),
    ]);
  }
  const configSha256 = createHash('sha256').update(json).digest('hex');
  return { kind: 'valid', config, folder, hooks: found.ref, configSha256 };
}

/** A folder that cannot be read is a problem of that pipeline, not of the others. */
async function pipelineFilesIn(
  folder: string,
): Promise<{ readonly names: readonly string[] } | { readonly problem: Problem }> {
  try {
    const present = new Set(await readdir(folder));
    return { names: FILE_NAMES.filter((name) => present.has(name)) };
  } catch (error) {
    // Not a folder, or gone since it was listed.
    if (hasCode(error, 'ENOTDIR') || hasCode(error, 'ENOENT')) return { names: [] };
    return { problem: unreadable(folder, error, 'a folder') };
  }
}

async function readText(
  file: string,
): Promise<{ readonly text: string } | { readonly problem: Problem }> {
  const read = await readPipelineFile(file, MAX_BYTES);
  if (read.kind === 'absent') return { problem: atStart(file, 'no such file', 'a file') };
  if (read.kind === 'unreadable') return read;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(read.bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { problem: atStart(file, 'bytes that are no UTF-8', 'text in UTF-8') };
  }
}

/** A pipeline without a name has that of its folder. */
function withName(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && !('name' in value) ? { name, ...value } : value;
}

function otherName(
  given: string,
  folderName: string,
  file: string,
  yaml: Extract<YamlFile, { kind: 'read' }>,
): Problem {
  return {
    file,
    ...yaml.positionOf(['name']),
    field: 'name',
    found: `'${given}'`,
    expected: `'${folderName}', the name of the folder (or no name at all)`,
  };
}

function keptInbox(
  inbox: string,
  what: string,
  file: string,
  yaml: Extract<YamlFile, { kind: 'read' }>,
): Problem {
  return {
    file,
    ...yaml.positionOf(['files', 'folder']),
    field: 'files.folder',
    found: `'${inbox}', which is ${what}`,
    expected: 'a folder of its own into which dataset files, and nothing else, are put',
  };
}
