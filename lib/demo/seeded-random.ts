/**
 * Repeatable randomness for made-up data: the same seed gives the same shop on every machine.
 * Not for keys, ids or anything that must not be guessed.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** sfc32, seeded by an FNV-1a hash of the text. */
  constructor(seed: string) {
    let hash = 0x811c9dc5;
    const next = (): number => {
      for (let i = 0; i < seed.length; i++) {
        hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
      }
      hash = Math.imul(hash ^ 0x5f, 0x01000193);
      return hash >>> 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    // The first outputs still look like the seed.
    for (let i = 0; i < 16; i++) this.next();
  }

  /** A whole number from 0 to 2³² − 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor((this.next() / 0x1_0000_0000) * (max - min + 1));
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.between(1, 100) <= percent;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length - 1)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
