/**
 * One journal segment on disk: an append-only file of raw Automerge changes, genesis first. Each chunk
 * carries its own checksum, so the file needs no format of its own. Nothing is ever rewritten in it.
 */
import { dirname } from 'node:path';
import { assert, TillmeshError } from '../domain/errors.ts';
import { appendWhole, makeDirectoryDurably, syncOrFail, writeAtomically } from './atomic-file.ts';
import type { Disk, OpenFile } from './disk.ts';
import { failed, refused } from './disk-errors.ts';
import type { Scan } from './chunks.ts';
import { scanVerified } from './node-chunks.ts';

export class SegmentFile {
  readonly path: string;
  /** Bytes of a torn tail that were cut at opening. For the own journal: compare the tip with the witness. */
  readonly cutBytes: number;
  readonly #disk: Disk;
  readonly #file: OpenFile;
  #length: number;
  #chunkCount: number;
  #poisoned = false;
  #closed = false;

  /**
   * Opens or creates. Every chunk is verified; a torn tail is cut; what is there is durable when this
   * returns, for a killed process may have left bytes that only the operating system has.
   * @throws FILE_DAMAGED (to be set aside by the caller), DISK_FULL, DISK_REFUSED, DISK_FAILED.
   */
  static open(disk: Disk, path: string, genesis: Uint8Array): SegmentFile {
    makeDirectoryDurably(disk, dirname(path));
    let present = readOrRefuse(disk, path);
    if (present === undefined) {
      // Under its own name the file is never empty or half: a genesis cut short means damage, not a beginning.
      writeAtomically(disk, path, genesis);
      present = genesis;
    } else syncOrFail(disk, dirname(path));
    const found = scanVerified(present);
    if (found.problem === 'damaged' || !startsWith(present, genesis, found.goodBytes)) {
      const where = `${path} at byte ${found.goodBytes} of ${present.length}`;
      throw new TillmeshError('FILE_DAMAGED', where);
    }
    return new SegmentFile(disk, path, found, present);
  }

  private constructor(disk: Disk, path: string, found: Scan, present: Uint8Array) {
    this.path = path;
    this.#disk = disk;
    this.#length = found.goodBytes;
    this.#chunkCount = found.chunks.length;
    this.cutBytes = present.length - found.goodBytes;
    try {
      this.#file = disk.openAppend(path);
    } catch (error) {
      throw refused(error, path);
    }
    try {
      if (this.cutBytes > 0) this.#file.truncate(this.#length);
      this.#file.fdatasync();
    } catch (error) {
      this.#file.close();
      rewrite(disk, path, present.subarray(0, this.#length));
      throw failed(error, path);
    }
  }

  /** Bytes that are durable. */
  get length(): number {
    return this.#length;
  }

  get chunkCount(): number {
    return this.#chunkCount;
  }

  /** A sync failed: what the system's memory shows of this file may not be on the disk. */
  get isPoisoned(): boolean {
    return this.#poisoned;
  }

  /**
   * Appends whole chunks; they are on disk when this returns.
   * @throws DISK_FULL or DISK_REFUSED: not written, the file is as before. DISK_FAILED: unknown; stop the process.
   */
  append(chunks: Uint8Array): void {
    assert(!this.#closed, `${this.path} is closed`);
    if (this.#poisoned) throw new TillmeshError('DISK_FAILED', `${this.path} failed before`);
    const { chunks: added, problem } = scanVerified(chunks);
    assert(problem === undefined && added.length > 0, `${this.path}: appending no whole chunks`);
    try {
      appendWhole(this.#file, chunks);
    } catch (error) {
      this.#takeBack(error);
    }
    try {
      this.#file.fdatasync();
    } catch (error) {
      // Some of it may be on disk. A second sync would succeed without having written anything.
      this.#poisoned = true;
      this.#forgetUnsynced();
      throw failed(error, this.path);
    }
    this.#length += chunks.length;
    this.#chunkCount += added.length;
  }

  /** All durable chunks. */
  read(): Uint8Array {
    const bytes = readOrRefuse(this.#disk, this.path);
    assert(bytes !== undefined && bytes.length >= this.#length, `${this.path} has lost bytes`);
    return bytes.subarray(0, this.#length);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }

  /**
   * The system's memory still shows what the disk never got, and would show it to the next process as well, which
   * would build on it. Cut off, it is nowhere, or a torn tail, or (harmless: it was never acknowledged) whole.
   */
  #forgetUnsynced(): void {
    try {
      this.#file.truncate(this.#length);
    } catch {
      // This process stops on a failed disk as it is; there is nothing better to do.
    }
  }

  #takeBack(cause: unknown): never {
    try {
      this.#file.truncate(this.#length);
      this.#file.fdatasync();
    } catch (error) {
      this.#poisoned = true;
      throw failed(error, this.path);
    }
    throw refused(cause, this.path);
  }
}

/**
 * For the next process, after a failed sync: a second sync of the same file would succeed without writing what the first
 * one did not, so the bytes that only the system's memory may have go into a new file.
 */
function rewrite(disk: Disk, path: string, bytes: Uint8Array): void {
  try {
    writeAtomically(disk, path, bytes);
  } catch {
    // This process stops on a failed disk as it is; there is nothing better to do.
  }
}

function readOrRefuse(disk: Disk, path: string): Uint8Array | undefined {
  try {
    return disk.read(path);
  } catch (error) {
    throw refused(error, path);
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array, goodBytes: number): boolean {
  return goodBytes >= start.length && start.every((byte, at) => bytes[at] === byte);
}
