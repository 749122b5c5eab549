/**
 * A note outside the data directory of how far an incarnation came: a restored backup is behind it and begins a new
 * life instead of using numbers again (P3). It is advice: damaged is absent, and a witness never stops a sale.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { isTillmeshError, type TillmeshError } from '../domain/errors.ts';
import type { IncarnationId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { makeDirectoryDurably, writeAtomically } from './atomic-file.ts';
import type { Disk, OpenFile } from './disk.ts';
import { refused } from './disk-errors.ts';

export type WitnessOptions = {
  /** Told once per process: from then on a restored backup may go unnoticed here (a peer still notices). */
  readonly onProblem: (error: TillmeshError) => void;
  readonly block?: number;
};

/** More than any life uses, in the digits that are read. */
const endReserved = 999_999_999_999_999;

/**
 * File: a header with `reserved`, rewritten atomically and synced before the first seq of a block is used, then one
 * line per used seq, appended without a sync. So `last` survives kill -9, and `reserved` a power cut as well.
 */
export class Witness {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #incarnation: IncarnationId;
  readonly #onProblem: (error: TillmeshError) => void;
  readonly #block: number;
  #reserved: number;
  #last: number;
  #file: OpenFile | undefined;
  /** Whether this process has written to the file, or tried to. */
  #begun = false;
  #reported = false;

  /** `directory` is outside the data directory; made when first written. */
  static open(
    disk: Disk,
    directory: string,
    incarnation: IncarnationId,
    options: WitnessOptions,
  ): Witness {
    return new Witness(disk, directory, incarnation, options);
  }

  private constructor(
    disk: Disk,
    directory: string,
    incarnation: IncarnationId,
    options: WitnessOptions,
  ) {
    this.#disk = disk;
    this.#directory = directory;
    this.#incarnation = incarnation;
    this.#onProblem = options.onProblem;
    this.#block = options.block ?? limits.witnessBlock;
    const { reserved, last } = this.#read();
    this.#reserved = reserved;
    this.#last = last;
  }

  /** `behind`: this incarnation has used numbers that are not in the journal that ends at `tipSeq`. */
  check(tipSeq: number): 'ok' | 'behind' {
    return tipSeq < this.#last || tipSeq < this.#reserved - this.#block ? 'behind' : 'ok';
  }

  /** There is a note of this incarnation, and something in it can be read. */
  get isKnown(): boolean {
    return this.#reserved > 0 || this.#last > 0;
  }

  /** The last number that is known to have been used. */
  get last(): number {
    return this.#last;
  }

  /** Before `seq` is used. Costs a sync once per block. */
  reserve(seq: number): void {
    if (seq <= this.#reserved) return;
    this.#reserved = seq - 1 + this.#block;
    this.#try(() => this.#rewrite());
  }

  /** After the entry `seq` is on disk. */
  used(seq: number): void {
    if (seq <= this.#last) return;
    this.#last = seq;
    this.#try(() => {
      try {
        // A process that goes on within a block of the one before has written nothing yet. What that one left may end
        // in half a line: the first line here begins with a line break.
        const begin = this.#file === undefined && !this.#begun ? '\n' : '';
        if (begin) this.#file = this.#disk.openAppend(this.#path());
        this.#begun = true;
        this.#file?.append(encode(`${begin}${seq} ${this.#checksum(seq)}\n`));
      } catch (error) {
        throw refused(error, this.#path());
      }
    });
  }

  /** The life is over: whatever backup of it is put back later, and whatever a power cut takes from here, it is behind. */
  end(): void {
    this.#reserved = endReserved;
    this.#try(() => this.#rewrite());
    this.close();
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }

  #rewrite(): void {
    this.close();
    this.#begun = true;
    makeDirectoryDurably(this.#disk, this.#directory);
    const header = `tillmesh-witness 1 ${this.#incarnation} ${this.#reserved}`;
    const text = `${header} ${this.#checksum(this.#reserved)}\n${this.#last} ${this.#checksum(this.#last)}\n`;
    writeAtomically(this.#disk, this.#path(), encode(text));
    try {
      this.#file = this.#disk.openAppend(this.#path());
    } catch (error) {
      throw refused(error, this.#path());
    }
  }

  #read(): { reserved: number; last: number } {
    const absent = { reserved: 0, last: 0 };
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#disk.read(this.#path());
    } catch (error) {
      this.#report(refused(error, this.#path()));
    }
    if (bytes === undefined) return absent;
    const [header = '', ...lines] = new TextDecoder().decode(bytes).split('\n');
    const match = /^tillmesh-witness 1 ([0-9a-f]{16}) (\d{1,15} [0-9a-f]{8})$/.exec(header);
    const reserved = this.#number(match?.[2]);
    if (match?.[1] !== this.#incarnation || reserved === undefined) return absent;
    // Each line stands for itself: a torn or damaged one takes no other along.
    const last = lines.reduce((most, line) => Math.max(most, this.#number(line) ?? 0), 0);
    return { reserved, last };
  }

  #number(line: string | undefined): number | undefined {
    const [digits = '', checksum] = line?.split(' ') ?? [];
    const value = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    return value !== undefined && checksum === this.#checksum(value) ? value : undefined;
  }

  #checksum(value: number): string {
    return hash('sha256', `${this.#incarnation} ${value}`).slice(0, 8);
  }

  #path(): string {
    return join(this.#directory, `${this.#incarnation}.witness`);
  }

  #try(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      // Not even a failed sync stops the process here: nothing that was promised is in this file.
      this.close();
      this.#report(error);
    }
  }

  #report(error: TillmeshError): void {
    if (!this.#reported) this.#onProblem(error);
    this.#reported = true;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
