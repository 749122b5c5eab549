/**
 * Paying: tenders cover what is due exactly, cash is rounded to coins and gives change.
 * Works on positive amounts; a refund is settled the same way and then negated as a whole.
 */
import type { TenderLine } from './bodies.ts';
import { cashRoundingMinor } from './cash-rounding.ts';
import { isTooMuchCash } from './cash-given.ts';
import type { TenderRequest } from './commands.ts';
import { digitsOf } from './currency.ts';
import { formatScaled, negate, sumExact } from './money.ts';
import { done, refused, type Outcome } from './refusals.ts';
import type { StoreSettings } from './settings.ts';

/** The tender that is rounded to coins and gives change. */
export const cashKind = 'cash';

export type Settlement = {
  readonly tenders: readonly TenderLine[];
  /** What is paid is the total plus this. */
  readonly roundingMinor: number;
};

/**
 * Settles `totalMinor` (≥ 0). Other tenders than cash pay first and to the minor unit; cash pays the rest, rounded
 * by `roundingOf` (the store's rule unless another is given). Σ amounts = total + rounding.
 */
export function settle(
  totalMinor: number,
  requests: readonly TenderRequest[],
  settings: StoreSettings,
  roundingOf = (cashMinor: number) => cashRoundingMinor(cashMinor, settings.cashRounding),
): Outcome<Settlement> {
  for (const { kind, givenMinor } of requests) {
    if (settings.tenders !== undefined && !settings.tenders.includes(kind)) {
      return refused('TENDER_UNKNOWN', kind);
    }
    if (givenMinor !== undefined && kind !== cashKind) return refused('CHANGE_WITHOUT_CASH', kind);
  }
  const cash = requests.filter((request) => request.kind === cashKind);
  if (cash.length > 1) return refused('CASH_TWICE');

  const others = requests.filter((request) => request.kind !== cashKind);
  const restMinor = totalMinor - sumExact(others.map((request) => request.amountMinor ?? 0));
  if (restMinor < 0) return exceeds(-restMinor, settings);
  if (cash[0] === undefined) {
    if (restMinor > 0) return short(restMinor, settings);
    return done({ tenders: requests.map(exactly), roundingMinor: 0 });
  }

  const roundingMinor = roundingOf(restMinor);
  const dueMinor = restMinor + roundingMinor;
  const { amountMinor, givenMinor } = cash[0];
  const offeredMinor = givenMinor ?? amountMinor ?? 0;
  if (offeredMinor < dueMinor) return short(dueMinor - offeredMinor, settings);
  if (givenMinor === undefined && offeredMinor > dueMinor) {
    return exceeds(offeredMinor - dueMinor, settings);
  }
  if (isTooMuchCash(offeredMinor, dueMinor, settings.currency)) {
    return refused('GIVEN_TOO_LARGE', moneyText(offeredMinor, settings.currency));
  }
  const cashLine: TenderLine =
    givenMinor === undefined
      ? { kind: cashKind, amountMinor: dueMinor }
      : { kind: cashKind, amountMinor: dueMinor, givenMinor, changeMinor: givenMinor - dueMinor };
  return done({
    tenders: requests.map((request) => (request.kind === cashKind ? cashLine : exactly(request))),
    roundingMinor,
  });
}

const exactly = ({ kind, amountMinor }: TenderRequest): TenderLine => ({
  kind,
  amountMinor: amountMinor ?? 0,
});

const short = (byMinor: number, { currency }: StoreSettings) =>
  refused('TENDERS_SHORT', moneyText(byMinor, currency));
const exceeds = (byMinor: number, { currency }: StoreSettings) =>
  refused('TENDERS_EXCEED', moneyText(byMinor, currency));

/** An amount as a refusal names it, in no language: `EUR 12.50`. */
export const moneyText = (amountMinor: number, currency: string): string =>
  `${currency} ${formatScaled(amountMinor, digitsOf(currency))}`;

/** The same settlement as money that goes back. */
export const refundOf = ({ tenders, roundingMinor }: Settlement): Settlement => ({
  tenders: tenders.map(({ kind, amountMinor }) => ({ kind, amountMinor: negate(amountMinor) })),
  roundingMinor: negate(roundingMinor),
});
