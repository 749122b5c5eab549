/**
 * A file of real bytes that keeps room on the disk: a full disk is known before an entry is made, and the room is
 * given back so that a day can still be closed. It promises nothing: another program may take the space in between,
 * and then the append itself refuses.
 */
import { dirname } from 'node:path';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { appendWhole, makeDirectoryDurably, syncOrFail } from './atomic-file.ts';
import type { Disk, OpenFile } from './disk.ts';
import { failed, refused } from './disk-errors.ts';

/** `closing`: what must still be possible on a full disk, like closing the day; it may use the reserve. */
export type Purpose = 'ordinary' | 'closing';

export type ReserveSizes = {
  readonly reserveBytes: number;
  /** Free beside the reserve: read models, documents and logs are written next to every entry. */
  readonly marginBytes: number;
};

const standardSizes: ReserveSizes = { reserveBytes: limits.reserveBytes, marginBytes: 4_194_304 };
/** Asking the system costs microseconds on a local disk and milliseconds on a busy one: one answer serves for this much. */
const trustedBytes = 1_048_576;
const trustedCalls = 64;
const blockBytes = 1_048_576;

export class Reserve {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #sizes: ReserveSizes;
  #held = false;
  #bytesLeft = 0;
  #callsLeft = 0;

  /**
   * Makes the reserve where it is missing. Where there is no room for it, the process starts all the same and
   * `ensureRoom` refuses until there is.
   * @throws DISK_REFUSED, DISK_FAILED.
   */
  static open(disk: Disk, path: string, sizes: ReserveSizes = standardSizes): Reserve {
    const reserve = new Reserve(disk, path, sizes);
    reserve.#fill(reserve.#freeBytes());
    return reserve;
  }

  private constructor(disk: Disk, path: string, sizes: ReserveSizes) {
    makeDirectoryDurably(disk, dirname(path));
    this.#disk = disk;
    this.#path = path;
    this.#sizes = sizes;
  }

  /** False after it was given back, until there is room for it again. */
  get held(): boolean {
    return this.#held;
  }

  /** Call before anything is made that must be written. @throws DISK_FULL: nothing may be made. DISK_REFUSED, DISK_FAILED. */
  ensureRoom(bytes: number, purpose: Purpose = 'ordinary'): void {
    if (this.#held && this.#callsLeft > 0 && bytes <= this.#bytesLeft) {
      this.#callsLeft--;
      this.#bytesLeft -= bytes;
      return;
    }
    const freeBytes = this.#freeBytes();
    if (!this.#held) this.#fill(freeBytes);
    const spareBytes = this.#freeBytes() - this.#sizes.marginBytes - bytes;
    if (this.#held && spareBytes >= 0) {
      // Half of what is spare at most: others write too.
      this.#bytesLeft = Math.min(trustedBytes, Math.floor(spareBytes / 2));
      this.#callsLeft = trustedCalls;
      return;
    }
    this.#callsLeft = 0;
    if (purpose === 'closing') {
      this.release();
      if (this.#freeBytes() >= bytes) return;
    }
    throw new TillmeshError('DISK_FULL', `${dirname(this.#path)}: ${freeBytes} bytes free`);
  }

  /** Gives the room back: for ending cleanly on a full disk. @throws DISK_REFUSED, DISK_FAILED. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#callsLeft = 0;
    this.#remove();
    syncOrFail(this.#disk, dirname(this.#path));
  }

  #fill(freeBytes: number): void {
    const { reserveBytes, marginBytes } = this.#sizes;
    const presentBytes = this.#presentBytes();
    if (presentBytes === reserveBytes) {
      this.#held = true;
      return;
    }
    // Of another size: a crash left half of it, or the setting changed.
    this.#remove();
    if (freeBytes + presentBytes < reserveBytes + 2 * marginBytes) return;
    try {
      this.#write();
      this.#held = true;
    } catch (error) {
      if (!(error instanceof TillmeshError) || error.code !== 'DISK_FULL') throw error;
      // Somebody was faster: without the reserve `ensureRoom` refuses, and tries again.
      this.#remove();
    }
  }

  #write(): void {
    let file: OpenFile | undefined;
    try {
      file = this.#disk.create(this.#path);
      let left = this.#sizes.reserveBytes;
      for (const block = noise(); left > 0; left -= block.length) {
        appendWhole(file, left < block.length ? block.subarray(0, left) : block);
      }
    } catch (error) {
      file?.close();
      throw refused(error, this.#path);
    }
    try {
      file.fdatasync();
    } catch (error) {
      throw failed(error, this.#path);
    } finally {
      file.close();
    }
    syncOrFail(this.#disk, dirname(this.#path));
  }

  #remove(): void {
    try {
      this.#disk.remove(this.#path);
    } catch (error) {
      throw refused(error, this.#path);
    }
  }

  #presentBytes(): number {
    try {
      return this.#disk.stat(this.#path)?.size ?? 0;
    } catch (error) {
      throw refused(error, this.#path);
    }
  }

  #freeBytes(): number {
    try {
      return this.#disk.freeBytes(dirname(this.#path));
    } catch (error) {
      throw refused(error, dirname(this.#path));
    }
  }
}

/** Bytes that no file system stores in less room than they take. */
function noise(): Uint8Array {
  const words = new Uint32Array(blockBytes / 4);
  let state = 0x2545f491;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer);
}
