/**
 * `npm run sbom`: a software bill of materials of what is shipped, CycloneDX (`dist/sbom.cdx.json`), and the list of its
 * licences (`dist/licences.txt`). Ends with 1 if a licence is not known or not permitted, or the registry knows of a weakness.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { packagesOf, refused } from './licences.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

const npm = (...args: readonly string[]): { readonly stdout: string; readonly stderr: string } => {
  const { stdout, stderr, error } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (error !== undefined) throw error;
  return { stdout, stderr };
};

function writeBill(): number {
  const { stdout, stderr } = npm(
    ...['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'],
  );
  const bill = z.object({ components: z.array(z.unknown()) }).safeParse(parsed(stdout));
  if (!bill.success) throw new Error(`npm sbom, which npm 10 has, gave no bill: ${stderr.trim()}`);
  writeFileSync(`${root}dist/sbom.cdx.json`, stdout);
  return bill.data.components.length;
}

/** @returns whether all are permitted */
function writeLicences(): boolean {
  const packages = packagesOf(JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')));
  const lines = packages
    .filter(({ dev }) => !dev)
    .map(({ name, version, licence }) => `${name}@${version}\t${licence ?? 'not known'}`);
  writeFileSync(`${root}dist/licences.txt`, `${lines.join('\n')}\n`);
  const wrong = refused(packages);
  for (const { name, version, licence } of wrong) {
    console.error(`${name}@${version}: licence ${licence ?? 'not known'}: not permitted`);
  }
  console.log(`dist/licences.txt: ${lines.length} packages are shipped; ${wrong.length} refused`);
  return wrong.length === 0;
}

const auditSchema = z.object({
  metadata: z.object({ vulnerabilities: z.record(z.string(), z.number()) }),
});

/** @returns whether no weakness is known; true as well where the registry does not say */
function askAboutWeaknesses(): boolean {
  const { stdout, stderr } = npm('audit', '--omit=dev', '--json');
  const answer = auditSchema.safeParse(parsed(stdout));
  if (!answer.success) {
    const { data: refusal } = z.object({ message: z.string() }).safeParse(parsed(stdout));
    const why = refusal?.message ?? stderr.trim();
    console.log(`npm audit: not known, the registry does not answer (${why.split('\n')[0] ?? ''})`);
    return true;
  }
  const { total = 0, ...bySeverity } = answer.data.metadata.vulnerabilities;
  console.log(`npm audit: ${total} weaknesses are known ${JSON.stringify(bySeverity)}`);
  return total === 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

mkdirSync(`${root}dist`, { recursive: true });
console.log(`dist/sbom.cdx.json: ${writeBill()} components`);
const licensed = writeLicences();
const sound = askAboutWeaknesses();
process.exitCode = licensed && sound ? 0 : 1;
