/**
 * The binary form of models and checkpoints: a JSON header and typed arrays in one run of bytes.
 *
 *   0  8 bytes   magic, `CALMOPS` and 0
 *   8  uint32    version
 *  12  uint32    length h of the header
 *  16  h bytes   header as JSON in ASCII (other characters as \uXXXX), then zeros to a multiple of 8
 *      …         the arrays in the order of the header's `arrays`, each padded with zeros to a multiple of 8
 *
 * Numbers are little-endian, as on every machine that V8 supports by default.
 */
export type TypedArray = Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array;

export interface Container {
  /** what the bytes are, e.g. `forest` */
  readonly kind: string;
  /** any JSON value; its meaning depends on `kind` */
  readonly meta: unknown;
  readonly arrays: Readonly<Record<string, TypedArray>>;
}

const MAGIC = Uint8Array.from('CALMOPS\0', (character) => character.charCodeAt(0));
const VERSION = 1;
const PREFIX = 16;
const ALIGNMENT = 8;

const ARRAY_TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type ArrayType = keyof typeof ARRAY_TYPES;

interface Header {
  readonly kind: string;
  readonly meta: unknown;
  readonly arrays: readonly {
    readonly name: string;
    readonly type: ArrayType;
    readonly length: number;
  }[];
}

/** Equal containers give equal bytes, provided that `meta` has its keys in the same order. */
export function encodeContainer(container: Container): Uint8Array {
  const entries = Object.entries(container.arrays);
  const header: Header = {
    kind: container.kind,
    meta: container.meta,
    arrays: entries.map(([name, array]) => ({ name, type: typeOf(array), length: array.length })),
  };
  const text = asciiJson(header);
  const bodyStart = aligned(PREFIX + text.length);
  const length = entries.reduce((sum, [, array]) => sum + aligned(array.byteLength), bodyStart);

  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, text.length, true);
  for (let i = 0; i < text.length; i++) bytes[PREFIX + i] = text.charCodeAt(i);
  let offset = bodyStart;
  for (const [, array] of entries) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  return bytes;
}

/**
 * The container in some bytes; its arrays are copies.
 * @throws RangeError if the bytes are not one whole container of this version
 */
export function decodeContainer(bytes: Uint8Array): Container {
  const copy = new Uint8Array(bytes);
  const { header, bodyStart } = decodeHeader(copy);
  const arrays: Record<string, TypedArray> = Object.create(null) as Record<string, TypedArray>;
  let offset = bodyStart;
  for (const { name, type, length } of header.arrays) {
    const byteLength = length * ARRAY_TYPES[type].BYTES_PER_ELEMENT;
    if (offset + aligned(byteLength) > copy.length) {
      throw damaged(`array '${name}' ends at byte ${offset + byteLength} of ${copy.length}`);
    }
    arrays[name] = new ARRAY_TYPES[type](copy.buffer, offset, length);
    offset += aligned(byteLength);
  }
  if (offset !== copy.length) throw damaged(`${copy.length} bytes, expected ${offset}`);
  return { kind: header.kind, meta: header.meta, arrays };
}

/**
 * The array called `name`, which must be of the same type as `like`.
 * @throws RangeError if it is absent or of another type
 */
export function arrayOf<T extends TypedArray>(
  container: Container,
  name: string,
  type: new (length: number) => T,
): T {
  const array = container.arrays[name];
  if (!(array instanceof type)) throw damaged(`no array '${name}' of type ${type.name}`);
  return array;
}

/** The error of an artefact that cannot be read. */
export function damaged(what: string): RangeError {
  return new RangeError(`damaged model file: ${what}`);
}

function decodeHeader(bytes: Uint8Array): { readonly header: Header; readonly bodyStart: number } {
  if (bytes.length < PREFIX || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw damaged('it does not begin as a model file does');
  }
  const view = new DataView(bytes.buffer);
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new RangeError(`model file of version ${version}; this CalmOps reads version ${VERSION}`);
  }
  const headerEnd = PREFIX + view.getUint32(12, true);
  if (headerEnd > bytes.length)
    throw damaged(`header ends at byte ${headerEnd} of ${bytes.length}`);
  return { header: parseHeader(bytes.subarray(PREFIX, headerEnd)), bodyStart: aligned(headerEnd) };
}

function parseHeader(bytes: Uint8Array): Header {
  let value: unknown;
  try {
    value = JSON.parse(asciiText(bytes));
  } catch {
    throw damaged('its header is not JSON');
  }
  if (!isHeader(value)) throw damaged('its header lacks kind, meta or arrays');
  return value;
}

function isHeader(value: unknown): value is Header {
  return (
    isRecord(value) &&
    typeof value['kind'] === 'string' &&
    'meta' in value &&
    Array.isArray(value['arrays']) &&
    value['arrays'].every(
      (entry: unknown) =>
        isRecord(entry) &&
        typeof entry['name'] === 'string' &&
        typeof entry['type'] === 'string' &&
        Object.hasOwn(ARRAY_TYPES, entry['type']) &&
        isCount(entry['length']),
    )
  );
}

/** Is it an object with named members? */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Is it a whole number from 0 to 2³¹ − 1? */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

/** JSON whose text is ASCII, so that a character is a byte. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text of ASCII bytes. */
function asciiText(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  }
  return parts.join('');
}

function typeOf(array: TypedArray): ArrayType {
  for (const type of ['u8', 'u16', 'i32', 'f32'] as const) {
    if (array instanceof ARRAY_TYPES[type]) return type;
  }
  return 'f64';
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
