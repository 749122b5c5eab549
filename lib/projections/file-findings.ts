/**
 * What a terminal said of its own files, with who looked at it and when: out of its entries `TamperingSeen` and
 * `TamperingChecked`, the same on every replica. Pure; what was looked at stays.
 */
import { findingKey } from '../domain/findings.ts';
import type { Hlc, JournalKey } from '../domain/ids.ts';

/** An entry about files, as its row holds it. */
export type FileWord = {
  readonly observer: JournalKey;
  readonly seq: number;
  readonly at: Hlc;
  /** Milliseconds since 1970 by the terminal's clock. */
  readonly wall: number;
  readonly by: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type FileFinding = {
  readonly journal: JournalKey;
  /** One of `findings.ts`, of this or a later version. */
  readonly code: string;
  readonly where: string;
  readonly entrySeq?: number;
  readonly what?: string;
  readonly wallMs: number;
  /** Absent: nobody has looked at it yet. */
  readonly checked?: { readonly by: string; readonly wallMs: number; readonly note?: string };
};

type Check = {
  readonly only: unknown;
  readonly by: string;
  readonly wallMs: number;
  readonly note?: string;
};

/** `words` are one terminal's, over all its lives, the latest first; so are the findings, each with the first look at it. */
export function fileFindings<Word extends FileWord>(
  words: readonly Word[],
): readonly { readonly word: Word; readonly finding: FileFinding }[] {
  const checks: Check[] = [];
  return words.flatMap((word) => {
    const { detail, by, wall: wallMs, observer: journal } = word;
    const { checked, only, note, code, where, entrySeq: seq, what } = detail;
    if (typeof checked === 'number') {
      checks.push({ only, by, wallMs, ...(typeof note === 'string' && { note }) });
      return [];
    }
    const named = {
      code: String(code),
      where: String(where),
      ...(typeof seq === 'number' && { seq }),
    };
    const key = findingKey(named);
    const check = checks.findLast((one) => one.only === undefined || one.only === key);
    const finding: FileFinding = {
      journal,
      code: named.code,
      where: named.where,
      ...(named.seq !== undefined && { entrySeq: named.seq }),
      ...(typeof what === 'string' && { what }),
      wallMs,
      ...(check && {
        checked: {
          by: check.by,
          wallMs: check.wallMs,
          ...(check.note !== undefined && { note: check.note }),
        },
      }),
    };
    return [{ word, finding }];
  });
}
