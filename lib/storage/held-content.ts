/**
 * One file's bytes twice: as the running process sees them, and as they would be found after a power cut.
 * Between the two stand the writes that were never synced. For `faulty-disk.ts` only.
 */
import { randomBelow, type Random } from './seeded-random.ts';

/** A disk keeps or loses whole sectors, so one write may survive in its second half only. */
const sectorBytes = 512;

type HeldWrite =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number };

/** A byte array that grows. */
class Bytes {
  #buffer = new Uint8Array(0);
  length = 0;

  view(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      grown.set(this.view());
      this.#buffer = grown;
    }
    // What lies between the old end and a later write was never written: it reads as zeros.
    if (at > this.length) this.#buffer.fill(0, this.length, at);
    this.#buffer.set(bytes, at);
    this.length = Math.max(this.length, end);
  }

  truncate(length: number): void {
    if (length > this.length) this.write(length, new Uint8Array(0));
    this.length = length;
  }
}

export class HeldContent {
  readonly #seen = new Bytes();
  readonly #safe = new Bytes();
  #held: HeldWrite[] = [];

  get length(): number {
    return this.#seen.length;
  }

  read(): Uint8Array {
    return this.#seen.view().slice();
  }

  /** What a power cut cannot take. */
  durable(): Uint8Array {
    return this.#safe.view().slice();
  }

  append(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#held.push({ kind: 'write', at: this.#seen.length, bytes: copy });
    this.#seen.write(this.#seen.length, copy);
  }

  truncate(length: number): void {
    this.#held.push({ kind: 'truncate', length });
    this.#seen.truncate(length);
  }

  sync(): void {
    for (const write of this.#held) apply(this.#safe, write);
    this.#held = [];
  }

  /**
   * A sync that failed, as Linux does it: some writes reached the disk, the others are marked clean, and no
   * later sync will write them. Only a reader that trusts a second sync is deceived.
   */
  syncAndFail(random: Random): void {
    for (const write of this.#held) if (random() < 0.5) apply(this.#safe, write);
    this.#held = [];
  }

  /** Any subset of the held writes survives, sector by sector; the last survivor is cut to any length. */
  crash(random: Random): void {
    const likelihood = [0, 0.5, 0.9, 1][randomBelow(random, 4)] ?? 0.5;
    const kept = this.#held.flatMap(sectorsOf).filter(() => random() < likelihood);
    const last = kept.pop();
    for (const write of kept) apply(this.#safe, write);
    if (last?.kind === 'write') {
      const length = randomBelow(random, last.bytes.length + 1);
      apply(this.#safe, { ...last, bytes: last.bytes.subarray(0, length) });
    } else if (last !== undefined) apply(this.#safe, last);
    this.#held = [];
    this.#seen.truncate(0);
    this.#seen.write(0, this.#safe.view());
  }

  flipBit(bit: number): void {
    for (const bytes of [this.#seen, this.#safe]) {
      const view = bytes.view();
      const byte = view[bit >> 3];
      if (byte !== undefined) view[bit >> 3] = byte ^ (1 << (bit & 7));
    }
  }
}

function apply(bytes: Bytes, write: HeldWrite): void {
  if (write.kind === 'truncate') bytes.truncate(write.length);
  else if (write.bytes.length > 0) bytes.write(write.at, write.bytes);
}

function sectorsOf(write: HeldWrite): HeldWrite[] {
  if (write.kind === 'truncate') return [write];
  const sectors: HeldWrite[] = [];
  let done = 0;
  while (done < write.bytes.length) {
    const at = write.at + done;
    const length = Math.min(sectorBytes - (at % sectorBytes), write.bytes.length - done);
    sectors.push({ kind: 'write', at, bytes: write.bytes.subarray(done, done + length) });
    done += length;
  }
  return sectors;
}
