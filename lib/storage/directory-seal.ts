/**
 * `seal.json`: what a process left in its data directory when it stopped, every file with its size and hash, under a key
 * that only this till has. It tells a hand's work from the till's own. Evidence, never a source of what is right.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';

export const sealName = 'seal.json';

const fileFields = z.strictObject({
  size: z.int().min(0),
  sum: z.string(),
  /** `FileStat.changed`: while it is the same, the contents are, and need not be read. */
  changed: z.string().exactOptional(),
});
const sealFields = z.strictObject({
  v: z.literal(1),
  /** Rises with each seal. */
  n: z.int().min(1),
  /** A time that can be said. */
  wallMs: z.number().min(-8_640_000_000_000_000).max(8_640_000_000_000_000),
  /** All files of a stopped till, or while it runs those alone that are replaced as a whole. */
  isWhole: z.boolean(),
  /** What a file may be: two states while it is replaced; null: it is not there. */
  files: z.array(z.tuple([z.string(), z.array(fileFields.nullable()).min(1).max(2)])),
});

export type SealedFile = z.infer<typeof fileFields>;
export type FileStates = readonly (SealedFile | null)[];
export type Seal = {
  readonly n: number;
  readonly wallMs: number;
  readonly isWhole: boolean;
  readonly files: ReadonlyMap<string, FileStates>;
};

/** `false`: not under this till's key; what it says is told all the same. */
export type FoundSeal = { readonly kind: 'sound' | 'false'; readonly seal: Seal | undefined };

export type Difference = {
  readonly kind: 'edited' | 'gone' | 'strange';
  /** Within the directory. */
  readonly path: string;
  /** Sizes before and now, where both are known. */
  readonly sizes?: readonly [before: number, now: number];
};

/** Replaced as a whole and rarely: they are sealed at each change, so that a power cut opens no gap for a hand. */
export const isSmall = (path: string): boolean =>
  path.startsWith('identity/') ||
  ['wrong-pins', 'enrolments', 'bars', 'format', 'findings'].some(
    (name) => path === `${name}.json`,
  ) ||
  path === 'api-token';

/** What the till never reads back, or what every process writes anew. */
const isVolatile = (path: string): boolean =>
  path === sealName ||
  path === 'reserve' ||
  path === 'journals/stopped' ||
  path === 'documents/.saving' ||
  path.startsWith('lock.db') ||
  path.startsWith('logs/') ||
  path.endsWith('.tmp');

/** Where a file that nobody left is one that would be read. */
const isReadFrom = (path: string): boolean =>
  isSmall(path) || /^(?:journals|documents)\//.test(path) || path.startsWith('projections.db');

/** In a seal, for the files beside the directory: they are there once a life was begun, and go with it. */
const outside = 'witness/';

/** Where a sealed path lies; undefined for what is outside, where that place is not known. */
export function placeOf(
  path: string,
  { directory, witnessDirectory }: SealedPlaces,
): string | undefined {
  if (!path.startsWith(outside)) return `${directory}/${path}`;
  return witnessDirectory && `${witnessDirectory}/${path.slice(outside.length)}`;
}

export type SealedPlaces = {
  readonly directory: string;
  readonly witnessDirectory?: string | undefined;
};

/** All files beneath a data directory that a seal covers, in order. */
export function* sealedPaths(disk: Disk, directory: string, beneath = ''): Generator<string> {
  for (const name of disk.list(beneath === '' ? directory : `${directory}/${beneath}`)) {
    const path = beneath === '' ? name : `${beneath}/${name}`;
    if (isVolatile(path) || path === 'logs') continue;
    if (disk.stat(`${directory}/${path}`)?.kind === 'directory')
      yield* sealedPaths(disk, directory, path);
    else yield path;
  }
}

/** The file as it is now; `before` spares reading it where nothing has touched it since. Undefined where it is not there. */
export function fileNow(
  disk: Disk,
  path: string,
  before: SealedFile | undefined,
): SealedFile | undefined {
  const stat = disk.stat(path);
  if (stat?.kind !== 'file') return undefined;
  const { changed, size } = stat;
  if (changed !== undefined && before?.changed === changed && before.size === size) return before;
  const bytes = disk.read(path);
  return bytes && { ...sumOf(bytes), ...(changed === undefined ? {} : { changed }) };
}

export const sumOf = (bytes: Uint8Array): Pick<SealedFile, 'size' | 'sum'> => ({
  size: bytes.length,
  sum: createHash('sha256').update(bytes).digest('base64url'),
});

/** The key of a till's seals, from the key that it was enrolled with; undefined before that. */
export function sealKey(disk: Disk, directory: string): Uint8Array | undefined {
  const bytes = disk.read(`${directory}/identity/terminal.key`);
  return bytes && createHmac('sha256', bytes).update('tillmesh/1/seal').digest();
}

/** Undefined where there is none. */
export function readSeal(disk: Disk, directory: string): FoundSeal | undefined {
  const bytes = disk.read(`${directory}/${sealName}`);
  if (!bytes) return undefined;
  const [mac = '', text = ''] = new TextDecoder().decode(bytes).split('\n');
  const key = sealKey(disk, directory);
  const isOurs = key !== undefined && isEqual(mac, macOf(key, text));
  const read = sealFields.safeParse(parsed(text));
  if (!read.success) return { kind: 'false', seal: undefined };
  return {
    kind: isOurs ? 'sound' : 'false',
    seal: { ...read.data, files: new Map(read.data.files) },
  };
}

/** @throws DISK_FULL, DISK_REFUSED, DISK_FAILED. */
export function writeSeal(disk: Disk, directory: string, key: Uint8Array, seal: Seal): void {
  const { n, wallMs, isWhole } = seal;
  const text = JSON.stringify({ v: 1, n, wallMs, isWhole, files: [...seal.files] });
  const bytes = new TextEncoder().encode(`${macOf(key, text)}\n${text}\n`);
  writeAtomically(disk, `${directory}/${sealName}`, bytes);
}

/**
 * What is not as the seal says; of a seal that is not whole, among the small files alone. `whole`: read every file,
 * also those that nothing seems to have touched.
 */
export function differences(
  disk: Disk,
  places: SealedPlaces,
  { files, isWhole }: Seal,
  reading: 'touched' | 'whole' = 'touched',
): Difference[] {
  const found: Difference[] = [];
  for (const [path, states] of files) {
    const before = states.find((state) => state !== null) ?? undefined;
    const known = reading === 'whole' ? undefined : before;
    const place = placeOf(path, places);
    if (place === undefined) continue;
    const now = fileNow(disk, place, known);
    if (states.some((state) => isState(state, now))) continue;
    if (!before) found.push({ kind: 'strange', path });
    else if (!now) found.push({ kind: 'gone', path });
    else found.push({ kind: 'edited', path, sizes: [before.size, now.size] });
  }
  for (const path of sealedPaths(disk, places.directory))
    if (!files.has(path) && (isWhole ? isReadFrom(path) : isSmall(path)))
      found.push({ kind: 'strange', path });
  return found;
}

const isState = (state: SealedFile | null, now: SealedFile | undefined): boolean =>
  state === null
    ? now === undefined
    : now !== undefined && now.size === state.size && now.sum === state.sum;

const macOf = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url');

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it with everything else that is no seal.
    return undefined;
  }
}
