import { describe, expect, it, test } from 'vitest';
import { actTypes } from '#lib/domain/acts.ts';
import { permissionNames } from '#lib/domain/operator.ts';
import type { JournalLine, OperatorName } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { amountOf, journalKinds, journalWords, kindName, timesWords } from './journal-words.ts';

const operators: OperatorName[] = [{ id: 'ann', name: 'Ann Archer', roles: ['cashier'] }];

const line = (type: string, detail: object = {}, more: Partial<JournalLine> = {}): JournalLine => ({
  key: { journal: 'S01/T1/00000000000000aa' as never, seq: 1 },
  hash: 'a'.repeat(43) as never,
  type,
  state: 'folded',
  number: 'S01-T1A-J-1',
  isDocument: false,
  wallMs: 0,
  zone: 'UTC',
  terminal: 'T1',
  operator: 'ann',
  detail: { ...detail },
  ...more,
});

describe('what an entry says', () => {
  it.each<[string, object, string]>([
    ['DrawerOpened', { reason: 'change' }, 'Drawer opened without a sale: to change money'],
    ['DrawerOpened', { reason: 'toString' }, 'Drawer opened without a sale: toString'],
    [
      'CartCancelled',
      { lines: 4, names: ['A', 'B', 'C'] },
      'Sale cancelled before payment: 4 lines (A, B, C, …)',
    ],
    [
      'CartLineVoided',
      { quantityMilli: 750, name: 'Ham' },
      'Taken out of an open sale: 0.75 × Ham',
    ],
    [
      'CartLineVoided',
      { quantityMilli: -2000, name: 'Ham' },
      'Put back into the open sale: 2 × Ham',
    ],
    ['ReceiptReprinted', { copy: 2, number: 'S01-T1A-S-7' }, 'Copy 2 of S01-T1A-S-7 printed'],
    [
      'ClockChanged',
      { fromMs: 0, toMs: 7_200_000, while: 'running' },
      'The clock of this till was changed from 1 Jan, 00:00 to 1 Jan, 02:00',
    ],
    [
      'ClockChanged',
      { fromMs: 7_200_000, toMs: 0, while: 'stopped' },
      'At its start the clock of this till showed 1 Jan, 00:00, before its last entry of 1 Jan, 02:00',
    ],
    [
      'PermissionRefused',
      { permission: 'giveDiscount', times: 3 },
      'Not permitted, 3 times: give a discount',
    ],
    ['PermissionRefused', { permission: 'fly', times: 1 }, 'Not permitted: fly'],
    ['OperatorLocked', { operator: 'ann' }, 'Ten wrong PINs for Ann Archer: locked'],
    ['OperatorUnlocked', { operator: 'x' }, 'The wait of x after wrong PINs was lifted'],
    ['IncarnationBegun', { letter: 'A', reason: 'enrolled' }, 'The number series A begins'],
    ['ForkSeen', { journal: 'S01/T2/00000000000000bb' }, 'Two devices write as S01-T2'],
    [
      'ForeignWriteRefused',
      { peer: 'S01-T2-00000000000000bb' },
      'Refused from S01-T2: it wrote what is not its own',
    ],
    [
      'ClockOffsetSeen',
      { peer: 'S01-T2-00000000000000bb', offsetMs: -40_400 },
      'The clock of S01-T2 is 40 seconds behind',
    ],
    ['SaleCompleted', {}, 'Sale'],
  ])('%s %j', (type, detail, words) => {
    expect(journalWords(line(type, detail), operators)).toBe(words);
  });

  it('of a later version or unreadable is told as such', () => {
    expect(journalWords(line('ShiftOpened', {}, { state: 'unknown' }), operators)).toBe(
      'Shift opened, of a later version: kept, not counted here',
    );
    expect(journalWords(line('DrawerOpened', {}, { state: 'refused' }), operators)).toBe(
      'Drawer opened, which cannot be read: kept, not counted',
    );
  });
});

test('every act and every permission has a name', () => {
  for (const type of actTypes) expect(journalKinds).toContain(type);
  // What a till has noticed, too.
  for (const type of ['PeerPardoned', 'TamperingSeen', 'TamperingChecked'])
    expect(journalKinds).toContain(type);
  const edited = line('TamperingSeen', { code: 'FILE_EDITED', where: 'bars.json' });
  expect(journalWords(edited, [])).toMatch(/not as this till left it.*bars\.json/);
  const unknown = line('TamperingSeen', { code: 'OF_A_LATER_VERSION', where: 'x' });
  expect(journalWords(unknown, [])).toBe('Something is wrong with a file of this till. (x)');
  expect(journalWords(line('TamperingChecked', { findings: 2 }), [])).toMatch(/^2 findings/);
  const only = { code: 'FILE_EDITED', where: 'bars.json' };
  const one = line('TamperingChecked', { findings: 1, only, left: 2, note: 'The service man' });
  expect(journalWords(one, [])).toMatch(
    /^Looked at: A file is not as .* \(bars\.json\)\. Note: The service man$/,
  );
  expect(journalWords(line('PeerPardoned', { peer: 'S01-T3' }), [])).toMatch(/^S01-T3, which/);
  for (const type of journalKinds) expect(kindName(type)).not.toBe('');
  expect(Object.keys(texts.journal.permissions).toSorted()).toEqual(permissionNames.toSorted());
  expect(timesWords('DrawerOpened', 1)).toBe('drawer opened once');
  expect(timesWords('ClockChanged', 2)).toBe('Clock changed: 2');
});

test('a cancelled cart shows what it would have cost; a drawer costs nothing', () => {
  const cart = line('CartCancelled', { currency: 'EUR', totalMinor: 1_250 });
  expect(amountOf(cart)).toEqual({ currency: 'EUR', totalMinor: 1_250 });
  const voided = line('CartLineVoided', { currency: 'EUR', amountMinor: -50 });
  expect(amountOf(voided)).toEqual({ currency: 'EUR', totalMinor: -50 });
  expect(amountOf(line('DrawerOpened')).currency).toBeUndefined();
  const sale = line('SaleCompleted', {}, { currency: 'EUR', totalMinor: 5 });
  expect(amountOf(sale)).toEqual({ currency: 'EUR', totalMinor: 5 });
});
