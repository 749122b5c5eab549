/**
 * Tells a barcode scanner that types like a keyboard (a "wedge") from a person: by what came since the last pause, its
 * speed and its terminator. Pure: keys and their times go in. No digit of a run is ever thrown away, because a code
 * without its first digits is another code; what the run left in a field is the caller's to take back.
 */

/**
 * Silence that ends a run. Scanners send a key each 1–30 ms, but a busy machine hands single keys on 50 ms and more
 * late, and stamps them with that time.
 */
const pauseMs = 400;
/** On average nobody types codes of letters this fast. */
const meanGapMs = 35;
/** Nor does anybody type a whole barcode at this pace, which leaves a scanner's keys time to be late. */
const barcodeMeanGapMs = 120;
/** GTIN-8 is the shortest barcode of digits; up to here a number may as well be an amount or a PLU that was typed. */
const shortestBarcode = 8;
/** The shortest code in shops is a PLU of 4 digits. */
const shortest = 4;
/** No barcode in shops is longer than GS1-128's 48 characters, links in QR codes are. */
const longest = 512;

/** `3*` by hand and the scan after it without a pause: the quantity stays what it is. */
const typedQuantity = /^[0-9]+(?:[.,][0-9]+)?[*×]/;
/** What belongs to other keys, or to the lamps of a keyboard, interrupts no code. */
const silentKeys = new Set(['Shift', 'CapsLock', 'NumLock', 'AltGraph', 'Unidentified']);

export type WedgeWord =
  /** `starts`: the first key of what may become a scan; the field's text of this moment is worth remembering. */
  | { readonly kind: 'key'; readonly starts: boolean }
  /** `before`: what a person typed ahead of the code in one go with it, such as `3*`. */
  | { readonly kind: 'scan'; readonly before: string; readonly code: string }
  | { readonly kind: 'none' };

export class WedgeRecogniser {
  #run = '';
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `key` as of `KeyboardEvent.key`; `atMs` the event's own time, which no busy page distorts. */
  feed(key: string, atMs: number): WedgeWord {
    if (key === 'Enter' || key === 'Tab') return this.#end(atMs);
    if (silentKeys.has(key)) return { kind: 'none' };
    if (key.length !== 1) {
      this.reset();
      return { kind: 'none' };
    }
    const starts = this.#run === '' || atMs - this.#lastMs > pauseMs;
    if (starts) {
      this.#run = '';
      this.#firstMs = atMs;
    }
    this.#lastMs = atMs;
    if (this.#run.length < longest) this.#run += key;
    return { kind: 'key', starts };
  }

  /** What came since the last pause and has not been ended. */
  get run(): string {
    return this.#run;
  }

  reset(): void {
    this.#run = '';
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  #end(atMs: number): WedgeWord {
    const run = this.#run;
    const isLate = atMs - this.#lastMs > pauseMs;
    const meanMs = (atMs - this.#firstMs) / Math.max(1, run.length);
    this.reset();
    const [before = ''] = typedQuantity.exec(run) ?? [];
    const code = run.slice(before.length).trim();
    if (isLate || code.length < shortest) return { kind: 'none' };
    const isBarcode = code.length >= shortestBarcode && /^[0-9]+$/.test(code);
    const slowestMs = isBarcode ? barcodeMeanGapMs : meanGapMs;
    return meanMs <= slowestMs ? { kind: 'scan', before, code } : { kind: 'none' };
  }
}
