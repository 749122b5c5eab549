/**
 * What a till or head office says no to, by code and what it is about. English is the language of the domain's own
 * catalogue, which programs and logs read; another language has a table of its own in this place.
 */
import { refusals, type RefusalCode } from '#lib/domain/refusals.ts';

export const refusalTexts = {
  sentences: refusals satisfies Readonly<Record<RefusalCode, string>> as Readonly<
    Record<RefusalCode, string>
  >,
  /** `about`: a product code, an amount (`EUR 12.50`), a number, which are of no language. */
  about: (sentence: string, about: string) => `${sentence} (${about})`,
} as const;
