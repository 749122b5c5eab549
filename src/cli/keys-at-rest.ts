/** Private keys of this machine's data directories, as the environment says that they are closed. */
import { randomBytes } from 'node:crypto';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { keysAtRest, type KeysAtRest } from '#lib/trust/key-seal.ts';
import { keySealFile } from './options.ts';

/** Throws KEY_SEAL_UNUSABLE. */
export const ownKeysAtRest = (): KeysAtRest =>
  keysAtRest(
    nodeDisk,
    keySealFile(process.env).keySeal,
    (length) => new Uint8Array(randomBytes(length)),
  );
