/**
 * Tells a barcode scanner that types like a keyboard (a "wedge") from a person: by its speed and its terminator.
 * Pure: keys and their times go in. What the burst left in a field is the caller's to take back.
 */

/** Scanners send a key each 1–20 ms, slow wireless ones 30; a fast typist needs 60 and more. */
const gapMs = 45;
/** The mean is stricter than one gap: two keys rolled over by a person can be close. */
const meanGapMs = 30;
/** The shortest code in shops is a PLU of 4 digits. */
const shortest = 4;
/** No barcode in shops is longer than GS1-128's 48 characters, links in QR codes are. */
const longest = 512;

export type WedgeWord =
  /** `starts`: the first key of what may become a scan; the field's text of this moment is worth remembering. */
  | { readonly kind: 'key'; readonly starts: boolean }
  | { readonly kind: 'scan'; readonly code: string }
  | { readonly kind: 'none' };

export class WedgeRecogniser {
  #code = '';
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `key` as of `KeyboardEvent.key`; `atMs` the event's own time, which no busy page distorts. */
  feed(key: string, atMs: number): WedgeWord {
    const quick = atMs - this.#lastMs <= gapMs;
    if (key === 'Enter' || key === 'Tab') return this.#end(quick, atMs);
    if (key === 'Shift') return { kind: 'none' };
    if (key.length !== 1) {
      this.reset();
      return { kind: 'none' };
    }
    const starts = !quick || this.#code === '';
    if (starts) {
      this.#code = '';
      this.#firstMs = atMs;
    }
    this.#lastMs = atMs;
    if (this.#code.length < longest) this.#code += key;
    return { kind: 'key', starts };
  }

  reset(): void {
    this.#code = '';
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  #end(quick: boolean, atMs: number): WedgeWord {
    const code = this.#code.trim();
    const meanMs = (atMs - this.#firstMs) / Math.max(1, this.#code.length);
    this.reset();
    if (!quick || code.length < shortest || meanMs > meanGapMs) return { kind: 'none' };
    return { kind: 'scan', code };
  }
}
