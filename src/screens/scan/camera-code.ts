/** What a camera reads as the till knows it: one text for each barcode, and each code once for each time it is shown. Pure. */
import { gtinCheckDigit, isGtin } from '#lib/domain/gtin.ts';

/** What lies in shops: goods, labels of the shop, links. Nothing else is looked for, so that less is misread. */
export const formats = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'qr_code'] as const;

export type SeenCode = { readonly format: string; readonly rawValue: string };

/** Undefined for what is no whole code: a camera also sees halves. */
export function codeOf({ format, rawValue }: SeenCode): string | undefined {
  const text = rawValue.trim();
  if (text === '') return undefined;
  if (format === 'upc_e') return expandedUpcE(text);
  return format === 'ean_13' || format === 'ean_8' || format === 'upc_a'
    ? isGtin(text)
      ? text
      : undefined
    : text;
}

/** UPC-E leaves out zeros of a UPC-A (GS1 General Specifications 5.2.2.4): number system, six digits, check digit. */
export function expandedUpcE(text: string): string | undefined {
  const [, system, digits, check] = /^([01])([0-9]{6})([0-9])$/.exec(text.padStart(8, '0')) ?? [];
  if (system === undefined || digits === undefined || check === undefined) return undefined;
  const [a, b, c, d, e, last] = digits;
  const body =
    last === '0' || last === '1' || last === '2'
      ? `${a}${b}${last}0000${c}${d}${e}`
      : last === '3'
        ? `${a}${b}${c}00000${d}${e}`
        : last === '4'
          ? `${a}${b}${c}${d}00000${e}`
          : `${a}${b}${c}${d}${e}0000${last}`;
  const code = `${system}${body}${check}`;
  return gtinCheckDigit(code.slice(0, -1)) === Number(check) ? code : undefined;
}

/** A code that stays in the picture is one scan; taken away for so long and shown again it is another. */
const goneMs = 1_200;

export class ShownCodes {
  readonly #lastMs = new Map<string, number>();

  /** The codes of a picture that have come into it. */
  seen(codes: readonly string[], nowMs: number): string[] {
    const fresh = [...new Set(codes)].filter(
      (code) => nowMs - (this.#lastMs.get(code) ?? Number.NEGATIVE_INFINITY) > goneMs,
    );
    for (const [code, ms] of this.#lastMs) if (nowMs - ms > goneMs) this.#lastMs.delete(code);
    for (const code of codes) this.#lastMs.set(code, nowMs);
    return fresh;
  }
}
