/**
 * The real disk: Node's synchronous file system, with files for the owner only (they hold keys and sales).
 * No caching, no retrying: every error of the operating system reaches the caller.
 */
import fs from 'node:fs';
import { dirname } from 'node:path';
import type { Disk, FileStat, OpenFile } from './disk.ts';
import { errnoOf, isAbsent } from './disk-errors.ts';

const fileMode = 0o600;
const directoryMode = 0o700;

class NodeFile implements OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  append(bytes: Uint8Array): number {
    return fs.writeSync(this.#descriptor, bytes);
  }

  fdatasync(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  truncate(length: number): void {
    fs.ftruncateSync(this.#descriptor, length);
  }

  length(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

export const nodeDisk: Disk = {
  read(path) {
    try {
      const buffer = fs.readFileSync(path);
      // Plain bytes, not a Buffer: they compare and encode the same wherever they came from.
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    } catch (error) {
      if (isAbsent(error) || errnoOf(error) === 'EISDIR') return undefined;
      throw error;
    }
  },

  openAppend: (path) => new NodeFile(fs.openSync(path, 'a', fileMode)),

  create: (path) => new NodeFile(fs.openSync(path, 'ax', fileMode)),

  rename: (from, to) => fs.renameSync(from, to),

  remove: (path) => fs.rmSync(path, { recursive: true, force: true }),

  makeDirectory(path) {
    // Not `recursive`: under a path that takes no directory, like /proc, Node tries again for ever.
    const missing: string[] = [];
    for (let at = path; !fs.existsSync(at) && dirname(at) !== at; at = dirname(at))
      missing.push(at);
    for (const directory of missing.toReversed()) {
      try {
        fs.mkdirSync(directory, { mode: directoryMode });
      } catch (error) {
        // Somebody else was as fast.
        if (!fs.existsSync(directory)) throw error;
      }
    }
    if (!fs.statSync(path).isDirectory())
      throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
  },

  syncDirectory(path) {
    // Windows has no such call: NTFS journals the names of files itself.
    if (process.platform === 'win32') return;
    const descriptor = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(descriptor);
    } catch (error) {
      // Some network file systems know no sync of a directory: "unsupported" is not "failed".
      if (errnoOf(error) !== 'EINVAL' && errnoOf(error) !== 'ENOTSUP') throw error;
    } finally {
      fs.closeSync(descriptor);
    }
  },

  list(path) {
    try {
      return fs.readdirSync(path).sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  },

  stat(path) {
    try {
      return statOf(fs.statSync(path, { bigint: true }));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },

  freeBytes(path) {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  },
};

function statOf(stat: fs.BigIntStats): FileStat {
  // Where a file system keeps no birth time, Node shows the time of the last change or 1970: not a birth.
  const bornKnown = stat.birthtimeNs > 0n && stat.birthtimeNs < stat.ctimeNs;
  return {
    kind: stat.isDirectory() ? 'directory' : 'file',
    size: Number(stat.size),
    inode: stat.ino > 0n ? stat.ino.toString() : '',
    bornMs: bornKnown ? Number(stat.birthtimeNs / 1_000_000n) : 0,
    // Windows has neither: what it shows there is made up.
    ...(process.platform === 'win32'
      ? {}
      : { changed: `${stat.ino}.${stat.ctimeNs}`, mode: Number(stat.mode & 0o777n) }),
  };
}
