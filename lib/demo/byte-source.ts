/**
 * Where an imported file's bytes come from: a file, optionally gzipped, or anything a test makes up.
 * Bounded reading is the reader's business (`csv-rows.ts`): a gzip of 1 MB may unpack to 1 GB.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';

/** `name` is what a person calls it in an error message; `bytes` are unpacked already. */
export type ByteSource = {
  readonly name: string;
  bytes(): AsyncIterable<Uint8Array>;
};

/** A `.csv` or `.csv.gz` on disk. Read errors (absent, a directory, not gzip) surface while iterating. */
export function fileSource(path: string): ByteSource {
  return {
    name: basename(path),
    bytes: () => (path.endsWith('.gz') ? unpacked(path) : createReadStream(path)),
  };
}

async function* unpacked(path: string): AsyncIterable<Uint8Array> {
  const packed = createReadStream(path);
  const gunzip = createGunzip();
  // `pipe` does not pass errors on: without this an absent file would wait for ever.
  packed.once('error', (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip);
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

/** Bytes that are in memory already. */
export function memorySource(
  name: string,
  ...chunks: readonly (string | Uint8Array)[]
): ByteSource {
  return {
    name,
    async *bytes() {
      for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    },
  };
}
