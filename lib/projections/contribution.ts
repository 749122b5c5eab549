/**
 * What one entry adds to the read models, as a value: the pure half of the fold.
 * Total: whatever an entry holds, it never throws, because a bad one must not stop what stands behind it (P8).
 */
import { documentCodes, type Bodies, type ReceiptKey } from '../domain/bodies.ts';
import { readBody, type ReadBody } from '../domain/bodies-schema.ts';
import { summaryIn, type DocumentSummary } from '../domain/document-summary.ts';
import { findingKey } from '../domain/findings.ts';
import type { FlagKind } from '../domain/flags.ts';
import { principalOf, terminalNameOf, type Identity, type Sku } from '../domain/ids.ts';
import { movementsIn, type Movement } from '../domain/movements.ts';
import type { Entry } from '../journal/envelope.ts';

export type CountLine = Bodies['StockCounted']['lines'][number];

/** Part of a return that says which line of its receipt it gives back; positive thousandths. */
export type ReturnedLine = { readonly line: number; readonly quantityMilli: number };

/** What a replica noticed, under the flag that it is a cause of. */
export type Observation = {
  readonly kind: FlagKind;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** An entry that is no document, as the journals are read. */
export type Act = {
  readonly businessDay?: string;
  /** What it is about, where that is counted. */
  readonly subject?: string;
  readonly body: object;
};

export type Contribution =
  | {
      readonly state: 'folded';
      readonly document: DocumentSummary | undefined;
      readonly movements: readonly Movement[];
      readonly counts: readonly CountLine[];
      /** The SKUs of a sale's lines, each once. A kit counts as itself. */
      readonly sold: readonly Sku[];
      readonly returned:
        { readonly of: ReceiptKey; readonly lines: readonly ReturnedLine[] } | undefined;
      readonly observation: Observation | undefined;
      readonly act: Act | undefined;
    }
  | { readonly state: 'unknown' }
  | { readonly state: 'refused'; readonly problem: string };

export function contributionOf(
  entry: Pick<Entry, 'type' | 'body' | 'store' | 'terminal' | 'incarnation'>,
): Contribution {
  const { type, body } = entry;
  try {
    const read = readBody(type, body);
    if (read.ok === 'unknown') return { state: 'unknown' };
    if (!read.ok) return { state: 'refused', problem: read.problem };
    return {
      state: 'folded',
      document: summaryIn(read),
      movements: movementsIn(read),
      counts: read.type === 'StockCounted' ? read.body.lines : [],
      sold: read.type === 'SaleCompleted' ? soldIn(read.body) : [],
      returned: read.type === 'ReturnCompleted' ? returnedBy(read.body) : undefined,
      observation: observedBy(entry, read),
      act: actIn(read),
    };
  } catch (cause) {
    // A body that its schema lets pass and a fold cannot count is refused like any other bad one.
    return { state: 'refused', problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

const soldIn = ({ lines }: Bodies['SaleCompleted']): Sku[] => [
  ...new Set(lines.map((line) => line.sku)),
];

function returnedBy({ of, ofLine, lines }: Bodies['ReturnCompleted']) {
  if (!of || !ofLine) return undefined;
  const returned: ReturnedLine[] = [];
  lines.forEach((line, index) => {
    const receiptLine = ofLine[index];
    if (receiptLine !== undefined)
      returned.push({ line: receiptLine, quantityMilli: -line.quantityMilli });
  });
  return { of, lines: returned };
}

/** The documents have rows of their own. Of a beginning the chain is left out: it is of no use to a reader. */
function actIn(read: ReadBody & { ok: true }): Act | undefined {
  if (Object.hasOwn(documentCodes, read.type)) return undefined;
  if (read.type === 'IncarnationBegun') {
    const { letter, reason } = read.body;
    return { body: { letter, reason } };
  }
  const { body } = read;
  return {
    ...('businessDay' in body && { businessDay: body.businessDay }),
    ...(read.type === 'ReceiptReprinted' && { subject: printedSubject(read.body.of) }),
    body,
  };
}

/** Reprints of one document, wherever they were made, have one subject. */
export const printedSubject = ({ journal, seq }: ReceiptKey): string => `${journal} ${seq}`;

function observedBy(by: Identity, read: ReadBody & { ok: true }): Observation | undefined {
  switch (read.type) {
    case 'ClockChanged': {
      const { fromMs, toMs } = read.body;
      return { kind: 'clock-changed', subject: principalOf(by), detail: { fromMs, toMs } };
    }
    case 'ClockOffsetSeen': {
      const { peer, offsetMs } = read.body;
      // A clock is its device's, whichever life that lives.
      return { kind: 'clock-drift', subject: terminalNameOf(peer), detail: { offsetMs } };
    }
    case 'ForeignWriteRefused': {
      const { peer, code, document } = read.body;
      return { kind: 'foreign-write', subject: terminalNameOf(peer), detail: { code, document } };
    }
    case 'PeerPardoned': {
      const { peer, code } = read.body;
      return {
        kind: 'foreign-write',
        subject: terminalNameOf(peer),
        detail: { code, pardoned: true },
      };
    }
    case 'ForkSeen': {
      const { journal, seq, hashes, live } = read.body;
      return { kind: 'terminal-fork', subject: journal, detail: { seq, hashes, live } };
    }
    // Of the terminal, whichever life it lives: a till that was set back says so in the next one.
    case 'TamperingSeen': {
      const { code, where, seq, what } = read.body;
      return {
        kind: 'files-changed',
        subject: `${by.store}-${by.terminal}`,
        detail: { code, where, entrySeq: seq, what },
      };
    }
    case 'TamperingChecked': {
      const { findings, only, left = 0, note } = read.body;
      return {
        kind: 'files-changed',
        subject: `${by.store}-${by.terminal}`,
        detail: { checked: findings, only: only && left > 0 ? findingKey(only) : undefined, note },
      };
    }
    default:
      return undefined;
  }
}
