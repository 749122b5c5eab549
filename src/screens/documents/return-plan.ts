/** What a return will pay back, by the domain's own figures, and the command that asks for it. Pure. */
import type { CashRounding } from '#lib/domain/cash-rounding.ts';
import { cashKind } from '#lib/domain/tenders.ts';
import { partOf, refundRoundingMinor, returnedBetween } from '#lib/domain/returned-part.ts';
import type { Receipt } from '#lib/host/till-services.ts';
import { leftMilli } from './receipt-words.ts';

export type ReturnChoice = {
  /** Per line of the receipt, in thousandths; 0: it stays sold. */
  readonly milli: readonly number[];
  readonly tender: string;
  readonly restock: boolean;
  /** A word of `returnReasons`; undefined: not chosen yet. */
  readonly reason: string | undefined;
};

/** Why goods come back, as the document records it; what each is called stands in the texts. */
export const returnReasons = ['damaged', 'unwanted', 'wrong', 'expired', 'other'] as const;

export type Refund = {
  /** Per line of the receipt, positive. */
  readonly amountsMinor: readonly number[];
  /** What the receipt charged for it, positive. */
  readonly totalMinor: number;
  /** What is handed out: in cash rounded to coins. */
  readonly paidMinor: number;
};

export const nothingChosen = (receipt: Receipt): readonly number[] =>
  receipt.body.lines.map(() => 0);

export const isSomething = ({ milli }: Pick<ReturnChoice, 'milli'>): boolean =>
  milli.some((quantity) => quantity > 0);

/** Throws nothing for a choice within what is left; the till has the last word. */
export function refundFor(
  receipt: Receipt,
  { milli, tender }: Pick<ReturnChoice, 'milli' | 'tender'>,
  rounding: CashRounding | undefined,
): Refund {
  const { body } = receipt;
  const left = leftMilli(receipt);
  const before = body.lines.map(({ quantityMilli }, n) => quantityMilli - (left[n] ?? 0));
  const after = before.map((quantity, n) => quantity + (milli[n] ?? 0));
  const earlier = partOf(body, before);
  const { totalMinor, amountsMinor } = returnedBetween(earlier, partOf(body, after));
  const backMinor = Math.abs(totalMinor);
  const coinsMinor = tender === cashKind ? refundRoundingMinor(earlier, backMinor, rounding) : 0;
  return {
    amountsMinor: amountsMinor.map((amountMinor) => Math.abs(amountMinor)),
    totalMinor: backMinor,
    paidMinor: backMinor + coinsMinor,
  };
}

/** `CompleteReturn` without `by`, which is the session's. */
export function returnCommand(
  receipt: Receipt,
  choice: ReturnChoice,
  { paidMinor }: Refund,
  command: string,
): Readonly<Record<string, unknown>> {
  const lines = choice.milli.flatMap((quantityMilli, ofLine) =>
    quantityMilli > 0 ? [{ ofLine, quantityMilli }] : [],
  );
  return {
    kind: 'CompleteReturn',
    command,
    of: receipt.key,
    lines,
    tenders: [{ kind: choice.tender, amountMinor: paidMinor }],
    restock: choice.restock,
    ...(choice.reason !== undefined && { reason: choice.reason }),
  };
}

/** Money goes back the way it came, if this shop still takes that; else in cash. */
export function firstTender(receipt: Receipt, tenders: readonly string[]): string {
  const paidWith = receipt.body.tenders.map(({ kind }) => kind);
  return paidWith.find((kind) => tenders.includes(kind)) ?? tenders[0] ?? cashKind;
}
