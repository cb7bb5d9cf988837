import { z } from 'zod';

/** Licences under which a package may be shipped with CalmOps: none of them asks anything of those who use it but to be named. */
const PERMITTED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-0-Clause',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages whose package.json names no licence, by what their LICENSE file says. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  'typed-function': 'MIT',
  unionfs: 'Unlicense',
};

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().default(false),
      link: z.boolean().default(false),
    }),
  ),
});

export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** an SPDX expression; null: none is known */
  readonly licence: string | null;
  /** whether it is there for development only, and not in an image */
  readonly dev: boolean;
}

/** The packages that a package-lock.json names, once each, by name and version. */
export function packagesOf(lock: unknown): readonly LicensedPackage[] {
  const packages = new Map<string, LicensedPackage>();
  for (const [place, { version = '', license, dev, link }] of Object.entries(
    lockSchema.parse(lock).packages,
  )) {
    if (place === '' || link) continue;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const known = packages.get(`${name}@${version}`);
    packages.set(`${name}@${version}`, {
      ...{ name, version, licence: license ?? READ_BY_HAND[name] ?? null },
      dev: dev && known?.dev !== false,
    });
  }
  return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Those packages whose licence is not known, or not permitted. */
export function refused(packages: readonly LicensedPackage[]): readonly LicensedPackage[] {
  return packages.filter(({ licence }) => licence === null || !isPermitted(licence));
}

/** @param expression SPDX: names, AND, OR, brackets; AND binds more than OR */
export function isPermitted(expression: string): boolean {
  const words = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const term = (): boolean => {
    const word = words[at++];
    if (word !== '(') return word !== undefined && PERMITTED.has(word);
    const inner = either();
    return words[at++] === ')' && inner;
  };
  const both = (): boolean => {
    let permitted = term();
    while (words[at] === 'AND') {
      at += 1;
      permitted = term() && permitted;
    }
    return permitted;
  };
  const either = (): boolean => {
    let permitted = both();
    while (words[at] === 'OR') {
      at += 1;
      permitted = both() || permitted;
    }
    return permitted;
  };
  return either() && at === words.length;
}
