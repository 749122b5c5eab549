/**
 * The frame of Automerge's binary chunks: magic, 4 bytes of checksum, type, ULEB length, contents.
 * Nothing is expanded or applied here, and nothing here depends on Node: a journal shares this file.
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

export const chunkTypes = { document: 0, change: 1, compressedChange: 2, bundle: 3 } as const;

/** Offsets into the scanned bytes. `verified` is false only for a compressed change without an inflater. */
export type Chunk = {
  readonly type: number;
  readonly start: number;
  readonly contentsStart: number;
  readonly end: number;
  readonly verified: boolean;
};

export type Scan = {
  /** Every whole and verified chunk from the start. */
  readonly chunks: readonly Chunk[];
  /** Where the last of them ends. */
  readonly goodBytes: number;
  /**
   * `torn`: nothing readable follows the good bytes, as after a power cut during the last append.
   * `damaged`: whole chunks follow the bad place, so this is no torn tail and must never be cut.
   */
  readonly problem?: 'torn' | 'damaged';
};

/** What a platform does faster, or what only it can do. */
export type ChunkTools = {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Raw deflate, undone; undefined where the input is not deflate or its output would be over the bound. */
  readonly inflate?: (bytes: Uint8Array) => Uint8Array | undefined;
};

/** Tools without Node: compressed changes are framed, but not verified. */
export const pureTools: ChunkTools = { sha256: nobleSha256 };

const magic = [0x85, 0x6f, 0x4a, 0x83] as const;
const headerBytes = 9;
/** Five ULEB bytes hold 35 bits: far over every limit of ours, and still exact as a number. */
const lengthBytesMost = 5;

type Frame = Omit<Chunk, 'verified'>;

/** Reads chunk after chunk from the start and verifies each one's checksum. Never throws. */
export function scan(bytes: Uint8Array, tools: ChunkTools = pureTools): Scan {
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < bytes.length) {
    const chunk = chunkAt(bytes, at, tools);
    if (chunk === undefined) {
      const problem = wholeChunkFollows(bytes, at + 1, tools) ? 'damaged' : 'torn';
      return { chunks, goodBytes: at, problem };
    }
    chunks.push(chunk);
    at = chunk.end;
  }
  return { chunks, goodBytes: at };
}

/**
 * Cuts by lengths alone and verifies no more than it must to leave out a torn tail: for bytes whose chunks are verified
 * elsewhere, one by one or before. Never throws.
 */
export function split(bytes: Uint8Array, tools: ChunkTools = pureTools): Uint8Array[] {
  const frames: Frame[] = [];
  for (let frame = frameAt(bytes, 0); frame !== undefined; frame = frameAt(bytes, frame.end))
    frames.push(frame);
  const whole = frames.findLastIndex((frame) => chunkAt(bytes, frame.start, tools) !== undefined);
  return frames.slice(0, whole + 1).map(({ start, end }) => bytes.subarray(start, end));
}

/**
 * The hash by which Automerge names a change, in hex: SHA-256 over type, length and contents of its
 * uncompressed form. Undefined for what is not one readable change.
 */
export function changeHash(bytes: Uint8Array, tools: ChunkTools = pureTools): string | undefined {
  const frame = frameAt(bytes, 0);
  if (frame === undefined || frame.end !== bytes.length) return undefined;
  if (frame.type !== chunkTypes.change && frame.type !== chunkTypes.compressedChange) {
    return undefined;
  }
  const hash = hashOf(bytes, frame, tools);
  return hash === undefined || !checksumFits(bytes, frame, hash) ? undefined : hex(hash);
}

function chunkAt(bytes: Uint8Array, at: number, tools: ChunkTools): Chunk | undefined {
  const frame = frameAt(bytes, at);
  if (frame === undefined) return undefined;
  if (frame.type === chunkTypes.compressedChange && tools.inflate === undefined) {
    return { ...frame, verified: false };
  }
  const hash = hashOf(bytes, frame, tools);
  if (hash === undefined || !checksumFits(bytes, frame, hash)) return undefined;
  return { ...frame, verified: true };
}

/** Undefined where there is no magic, no known type, no sane length, or less than that length. */
function frameAt(bytes: Uint8Array, start: number): Frame | undefined {
  for (let i = 0; i < magic.length; i++) if (bytes[start + i] !== magic[i]) return undefined;
  const type = bytes[start + 8];
  if (type === undefined || type > chunkTypes.bundle) return undefined;
  let length = 0;
  let scale = 1;
  for (let i = 0; i < lengthBytesMost; i++) {
    const byte = bytes[start + headerBytes + i];
    if (byte === undefined) return undefined;
    length += (byte & 127) * scale;
    scale *= 128;
    if ((byte & 128) !== 0) continue;
    const contentsStart = start + headerBytes + i + 1;
    const end = contentsStart + length;
    return end > bytes.length ? undefined : { type, start, contentsStart, end };
  }
  return undefined;
}

function hashOf(bytes: Uint8Array, frame: Frame, tools: ChunkTools): Uint8Array | undefined {
  if (frame.type !== chunkTypes.compressedChange) {
    return tools.sha256(bytes.subarray(frame.start + 8, frame.end));
  }
  const contents = tools.inflate?.(bytes.subarray(frame.contentsStart, frame.end));
  if (contents === undefined) return undefined;
  const length = uleb(contents.length);
  const plain = new Uint8Array(1 + length.length + contents.length);
  plain[0] = chunkTypes.change;
  plain.set(length, 1);
  plain.set(contents, 1 + length.length);
  return tools.sha256(plain);
}

function checksumFits(bytes: Uint8Array, frame: Frame, hash: Uint8Array): boolean {
  for (let i = 0; i < 4; i++) if (bytes[frame.start + 4 + i] !== hash[i]) return false;
  return true;
}

/**
 * A flipped bit in a length field looks like a torn tail to a plain scan, and cutting there would drop
 * everything behind it. So a tail counts as torn only when no whole chunk can be found after it. (The
 * magic is not UTF-8, so no entry's text can pretend to be one.)
 */
function wholeChunkFollows(bytes: Uint8Array, from: number, tools: ChunkTools): boolean {
  // Contents full of false magics must not cost the square of the file's length: then it counts as damaged.
  let budget = 4 * bytes.length + 65_536;
  for (let at = bytes.indexOf(magic[0], from); at >= 0; at = bytes.indexOf(magic[0], at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) continue;
    budget -= frame.end - frame.start;
    if (budget < 0) return true;
    if (chunkAt(bytes, at, tools) !== undefined) return true;
  }
  return false;
}

function uleb(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
