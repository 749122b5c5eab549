/**
 * Node's own SHA-256 and inflate for `chunks.ts`: several times faster than the portable ones, and with
 * them compressed changes are verified too.
 */
import { hash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { scan, type ChunkTools, type Scan } from './chunks.ts';

/** A compressed change is one change: a few hundred KB at most. Small input must not fill the memory. */
export const inflatedBytesMost = 64 * 1024 * 1024;

export const nodeTools: ChunkTools = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  inflate: inflateBounded,
};

/** `scan` with every chunk verified. */
export function scanVerified(bytes: Uint8Array): Scan {
  return scan(bytes, nodeTools);
}

function inflateBounded(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateRawSync(bytes, { maxOutputLength: inflatedBytesMost });
  } catch {
    // Not deflate, or over the bound: either way no checksum can be shown to fit.
    return undefined;
  }
}
