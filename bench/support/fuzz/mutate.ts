import { gunzipSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../core/random.ts';
import { crc32Of, storedZip, unpackedEntry, zipEntries } from '../../../data/zip-entries.ts';
import type { SeedFile } from './seeds.ts';

/** Texts that readers stumble over. */
const TOKENS = [
  ...[
    '\0',
    '\u0001',
    '\uFEFF',
    '\u2028',
    '\uFFFD',
    '\u{1F4A9}',
    '\\u0000',
    '\\ud800',
    '\r',
    '\n\n',
    '\t',
  ],
  ...[
    '"',
    '""',
    "'",
    '\\',
    ',',
    ';',
    '|',
    '{',
    '}',
    '[',
    ']',
    '[[[[',
    '{"a":',
    ':',
    '%',
    '?',
    '@data',
    '@attribute',
  ],
  ...[
    'NaN',
    '-Infinity',
    '1e999',
    '-0',
    '0x1F',
    '1_000',
    '12345678901234567890',
    '9'.repeat(400),
    '.',
    '-',
    '1,5',
  ],
  ...[
    'NULL',
    'null',
    'true',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '=1+1',
    '<!DOCTYPE x>',
    '&#0;',
    '&lt;',
  ],
  ...[
    '0000-00-00',
    '2024-02-30',
    '2024-01-01T25:00',
    '99999-01-01',
    "'; DROP TABLE data; --",
    '$1',
    '%s%n',
    '*?[',
  ],
  ...[
    'A'.repeat(10_000),
    '\u00e9'.repeat(500),
    ' '.repeat(500),
    '\n'.repeat(500),
    ',,,,,,,,,,',
    'c0',
    'rowid',
  ],
];

type Mutation = (content: Buffer, random: Random, seeds: readonly SeedFile[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  setBytes,
  (content, random) => content.subarray(0, below(content.length, random)),
  repeatPart,
  removePart,
  splice,
  insertToken,
  insertToken,
  shuffleLines,
];

/** A file that a seed became: changed once or a few times, inside of its packing where it has one. */
export function mutated(seed: SeedFile, random: Random, seeds: readonly SeedFile[]): SeedFile {
  const { name, content } = seed;
  const change = (bytes: Buffer): Buffer => changed(bytes, random, seeds);
  if (random() < 0.6) {
    if (name.endsWith('.gz')) return { name, content: gzipSync(change(gunzipSync(content))) };
    if (name.endsWith('xlsx.xlsx')) return { name, content: withinZip(content, random, change) };
    if (name.endsWith('.parquet')) return { name, content: withinFooter(content, random) };
  }
  return { name, content: change(content) };
}

function changed(content: Buffer, random: Random, seeds: readonly SeedFile[]): Buffer {
  let bytes = content;
  for (let k = 1 + below(3, random); k > 0; k--) {
    const mutation = MUTATIONS[below(MUTATIONS.length, random)] ?? flipBits;
    bytes = mutation(bytes, random, seeds);
  }
  return bytes;
}

/** Changes a part of an archive, and leaves the archive in order. */
function withinZip(content: Buffer, random: Random, change: (part: Buffer) => Buffer): Buffer {
  const entries = zipEntries(content, 1 << 30);
  const chosen = below(entries.length, random);
  const parts = entries.map((entry, k) => {
    const packed = k === chosen ? change(unpackedEntry(entry)) : unpackedEntry(entry);
    return { name: entry.name, packed, crc32: crc32Of(packed) };
  });
  return storedZip(parts);
}

const TAIL_BYTES = 8;

/** Changes what a parquet file says of itself. */
function withinFooter(content: Buffer, random: Random): Buffer {
  const end = content.length - TAIL_BYTES;
  const start = Math.max(4, end - content.readUInt32LE(end));
  const mutation = random() < 0.7 ? flipBits : setBytes;
  const footer = mutation(content.subarray(start, end), random);
  return Buffer.concat([content.subarray(0, start), footer, content.subarray(end)]);
}

function flipBits(content: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(content);
  for (let k = 1 + below(8, random); k > 0 && bytes.length > 0; k--) {
    const at = below(bytes.length, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8, random));
  }
  return bytes;
}

function setBytes(content: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(content);
  const at = below(bytes.length, random);
  const value = [0, 0xff, 0x7f, 0x80, below(256, random)][below(5, random)] ?? 0;
  return bytes.fill(value, at, Math.min(bytes.length, at + 1 + below(16, random)));
}

function repeatPart(content: Buffer, random: Random): Buffer {
  const part = partOf(content, random);
  const times = 1 + below(random() < 0.1 ? 200 : 3, random);
  const at = below(content.length, random);
  const repeated = Array.from({ length: times }, () => part);
  return Buffer.concat([content.subarray(0, at), ...repeated, content.subarray(at)]);
}

function removePart(content: Buffer, random: Random): Buffer {
  const at = below(content.length, random);
  const end = at + below(Math.min(content.length, 2000), random);
  return Buffer.concat([content.subarray(0, at), content.subarray(end)]);
}

function splice(content: Buffer, random: Random, seeds: readonly SeedFile[]): Buffer {
  const other = seeds[below(seeds.length, random)]?.content ?? content;
  const at = below(content.length, random);
  const rest = random() < 0.5 ? content.subarray(at) : Buffer.alloc(0);
  return Buffer.concat([content.subarray(0, at), partOf(other, random), rest]);
}

function insertToken(content: Buffer, random: Random): Buffer {
  const at = below(content.length, random);
  const token = Buffer.from(TOKENS[below(TOKENS.length, random)] ?? '');
  const over = random() < 0.5 ? token.length : 0;
  return Buffer.concat([content.subarray(0, at), token, content.subarray(at + over)]);
}

function shuffleLines(content: Buffer, random: Random): Buffer {
  const lines = content.toString('latin1').split('\n');
  for (let i = lines.length - 1; i > 0; i--) {
    const j = below(i + 1, random);
    [lines[i], lines[j]] = [lines[j] ?? '', lines[i] ?? ''];
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

function partOf(content: Buffer, random: Random): Buffer {
  const at = below(content.length, random);
  return content.subarray(at, at + 1 + below(2000, random));
}

/** A whole number from 0 up to, not with, `end`; 0 if there is none. */
export function below(end: number, random: Random): number {
  return Math.min(Math.max(end - 1, 0), Math.floor(random() * end));
}
