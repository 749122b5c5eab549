/** What an entry of a journal says, in plain words: every type that this version knows, and those that it does not. Pure. */
import { findingCodes, isFindingCode } from '#lib/domain/findings.ts';
import type { JournalLine, OperatorName } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import {
  formatDocumentType,
  formatKind,
  formatMoment,
  formatQuantity,
} from '../../texts/format.ts';
import { personName } from '../people.ts';

const words = texts.journal;

type Known = Readonly<Record<string, string>>;
const named = (known: Known, name: string): string =>
  Object.hasOwn(known, name) ? (known[name] ?? name) : name;

/** What a kind of entry is called, a document's too. */
export function kindName(type: string): string {
  const known: Known = words.types;
  return Object.hasOwn(known, type) ? named(known, type) : formatDocumentType(type);
}

/** Kinds that the list can be narrowed to. */
export const journalKinds: readonly string[] = [
  ...Object.keys(words.types),
  ...Object.keys(texts.documentTypes),
];

export const writerName = (operators: readonly OperatorName[], id: string): string =>
  id === 'system' ? words.system : personName(operators, id);

export function journalWords(
  { type, state, detail, zone }: JournalLine,
  operators: readonly OperatorName[],
): string {
  if (state === 'unknown') return words.says.later(formatKind(type));
  if (state === 'refused') return words.says.unreadable(kindName(type));
  const text = (name: string): string => {
    const value = detail[name];
    return typeof value === 'string' ? value : '';
  };
  const number = (name: string): number => Number(detail[name] ?? 0);
  const moment = (name: string): string => formatMoment(number(name), zone);
  const person = (): string => personName(operators, text('operator'));
  switch (type) {
    case 'DrawerOpened':
      return words.says.drawer(drawerReason(text('reason')));
    case 'CartCancelled': {
      const names = Array.isArray(detail['names']) ? detail['names'].map(String) : [];
      const lines = number('lines');
      return words.says.cancelled(names.join(', ') + (lines > names.length ? ', …' : ''), lines);
    }
    case 'CartLineVoided': {
      const milli = number('quantityMilli');
      const goods = `${formatQuantity(Math.abs(milli), false)} × ${text('name')}`;
      return milli < 0 ? words.says.putBack(goods) : words.says.removed(goods);
    }
    case 'ReceiptReprinted':
      return words.says.copy(number('copy'), text('number'));
    case 'ClockChanged':
      return detail['while'] === 'stopped'
        ? words.says.clockBehind(moment('fromMs'), moment('toMs'))
        : words.says.clock(moment('fromMs'), moment('toMs'));
    case 'PermissionRefused':
      return words.says.refused(named(words.permissions, text('permission')), number('times'));
    case 'OperatorLocked':
      return words.says.locked(person());
    case 'OperatorUnlocked':
      return words.says.unlocked(person());
    case 'IncarnationBegun':
      return detail['reason'] === 'enrolled'
        ? words.says.begun(text('letter'))
        : words.says.begunAgain(text('letter'));
    case 'ForkSeen':
      return words.says.fork(text('journal').split('/').slice(0, 2).join('-'));
    case 'ForeignWriteRefused':
      return words.says.foreign(tillOf(text('peer')));
    case 'ClockOffsetSeen':
      return words.says.offset(tillOf(text('peer')), Math.round(number('offsetMs') / 1_000));
    case 'PeerPardoned':
      return words.says.pardoned(text('peer'));
    case 'TamperingSeen':
      return findingWords(detail);
    case 'TamperingChecked': {
      const { only } = detail;
      const about = typeof only === 'object' && only !== null ? findingWords({ ...only }) : '';
      const said =
        about === '' ? words.says.tamperingChecked(number('findings')) : words.says.checked(about);
      return detail['note'] === undefined ? said : words.says.noted(said, text('note'));
    }
    default:
      return formatDocumentType(type);
  }
}

function findingWords(named: Readonly<Record<string, unknown>>): string {
  const [code, where] = [String(named['code']), String(named['where'])];
  const sentence = isFindingCode(code) ? findingCodes[code] : words.says.tamperingFound;
  return words.says.tampering(sentence, where);
}

const drawerReason = (reason: string): string =>
  Object.hasOwn(texts.drawer.reasons, reason)
    ? named(texts.drawer.reasons, reason).toLowerCase()
    : reason;

/** `S01-T2` of a principal. */
const tillOf = (principal: string): string => principal.split('-').slice(0, 2).join('-');

/** What an entry is about in money, where it is about any: a cart that was cancelled was not paid. */
export function amountOf({ totalMinor, currency, detail }: JournalLine): {
  readonly currency: string | undefined;
  readonly totalMinor: number;
} {
  if (currency !== undefined && totalMinor !== undefined) return { currency, totalMinor };
  const { currency: own, totalMinor: total, amountMinor } = detail;
  const amount = typeof total === 'number' ? total : amountMinor;
  return typeof own === 'string' && typeof amount === 'number'
    ? { currency: own, totalMinor: amount }
    : { currency: undefined, totalMinor: 0 };
}

type Times = Readonly<Record<string, (count: number) => string>>;

/** `drawer opened 2 times`; of a kind that has no sentence of its own, its name and the figure. */
export function timesWords(type: string, count: number): string {
  const times: Times = words.times;
  return Object.hasOwn(times, type) ? (times[type]?.(count) ?? '') : `${kindName(type)}: ${count}`;
}
