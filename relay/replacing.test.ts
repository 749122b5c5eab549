import { beforeEach, describe, expect, it } from 'vitest';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { ReplaceAsk, RevokeAsk, Revoking } from '../lib/host/hq-services.ts';
import { refusal } from '../lib/domain/refusals.ts';
import { devicesNamed } from './name-holders.ts';
import { Replacements, type ReplacementsParts } from './replacing.ts';

const key = (name: string) => name.repeat(64).slice(0, 64);
const S01 = 'S01' as StoreId;
const T2 = 'T2' as TerminalId;

let lives: { readonly terminal: string; readonly key: string }[];
let revoked: Map<string, { reason: string; by: string }>;
let open: string[];
let made: number;
/** Joined by a code, and not met since. */
let unheard: string[];
let isDatabaseAway: boolean;
let replacements: Replacements;

const away = () => Promise.reject(new TillmeshError('DATABASE_UNREACHABLE'));

beforeEach(() => {
  lives = [
    { terminal: 'T1', key: key('1') },
    { terminal: 'T2', key: key('2') },
    { terminal: 'T2', key: key('2') },
  ];
  revoked = new Map();
  [open, made, isDatabaseAway, unheard] = [[], 0, false, []];
  const members = () =>
    lives.map(({ terminal, key: terminalKey }, n) => ({
      identity: { store: S01, terminal },
      principal: `S01-${terminal}-${n}`,
      letter: 'A',
      terminalKey,
    }));
  const replica = {
    keyring: { members },
    revocations: { of: ({ terminalKey }: { terminalKey: string }) => revoked.get(terminalKey) },
    mesh: { peers: ['S01-T2-1'] },
  };
  replacements = new Replacements({
    relay: { replica },
    names: {
      devices: (store: StoreId, terminal: TerminalId) =>
        Promise.resolve(
          devicesNamed(
            replica as never,
            { store, terminal },
            unheard.map((terminalKey) => ({ terminalKey })),
          ),
        ),
    },
    services: {
      revoke({ store, terminal, reason, terminalKey = '' }: RevokeAsk, by: string) {
        const known = lives.some((life) => life.terminal === terminal && life.key === terminalKey);
        if (!known && !unheard.includes(terminalKey))
          return Promise.resolve<Revoking>({
            outcome: 'refused',
            ...refusal('TERMINAL_UNKNOWN'),
          });
        const before = revoked.get(terminalKey);
        if (!before) revoked.set(terminalKey, { reason, by });
        return Promise.resolve<Revoking>({
          outcome: before ? 'repeated' : 'done',
          store,
          terminal,
          terminalKey,
          reason: before?.reason ?? reason,
          atMs: 7,
        });
      },
      newJoinCode() {
        if (isDatabaseAway) return away();
        made += 1;
        open.push(`code ${made}`);
        return Promise.resolve({ code: `code ${made}`, expiresAtMs: 9 });
      },
    },
    withdrawCodes() {
      open = [];
      return Promise.resolve();
    },
  } as unknown as ReplacementsParts);
});

const replace = (more: Partial<Record<keyof ReplaceAsk, string>> = {}) =>
  replacements.replace({ store: S01, terminal: T2, reason: 'lost', ...more } as ReplaceAsk, 'max');

describe('replacing a till', () => {
  it('revokes the old one, then makes the code for the new one', async () => {
    expect(await replace({ terminalKey: '22222222' })).toEqual({
      outcome: 'done',
      store: S01,
      terminal: T2,
      terminalKey: key('2'),
      reason: 'lost',
      atMs: 7,
      code: 'code 1',
      expiresAtMs: 9,
    });
    expect([...revoked]).toEqual([[key('2'), { reason: 'lost', by: 'max' }]]);
  });

  it('asked again, also at once, it has one code that counts and what stands of the revocation', async () => {
    const answers = await Promise.all([replace(), replace({ reason: 'replaced' }), replace()]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['done', 'repeated', 'repeated']);
    expect(answers.at(-1)).toMatchObject({ reason: 'lost', code: 'code 3' });
    expect(open).toEqual(['code 3']);
  });

  it('a code that could not be made is said, and is all that is left to do', async () => {
    isDatabaseAway = true;
    expect(await replace()).toMatchObject({
      outcome: 'revokedOnly',
      terminalKey: key('2'),
      problem: 'DATABASE_UNREACHABLE',
    });
    isDatabaseAway = false;
    expect(await replace()).toMatchObject({ outcome: 'repeated', code: 'code 1' });
  });

  it('never means the new one: with its key there is nothing left to do, without one it asks which', async () => {
    await replace();
    lives.push({ terminal: 'T2', key: key('3') });
    expect(await replace({ terminalKey: key('2') })).toMatchObject({
      outcome: 'joined',
      terminalKey: key('2'),
      joinedKey: key('3'),
    });
    expect(await replace()).toMatchObject({
      outcome: 'refused',
      code: 'TERMINAL_AMBIGUOUS',
      about: '222222222222: series A, revoked; 333333333333: series A, not linked',
    });
    expect([...revoked.keys()]).toEqual([key('2')]);
    expect(made).toBe(1);
  });

  it('asked again when the code is used and nobody has heard of the new one, makes no second code', async () => {
    await replace();
    unheard = [key('3')];
    expect(await replace({ terminalKey: key('2') })).toMatchObject({
      outcome: 'joined',
      joinedKey: key('3'),
    });
    expect(await replace()).toMatchObject({
      code: 'TERMINAL_AMBIGUOUS',
      about: '222222222222: series A, revoked; 333333333333: joined by a code, not heard of yet',
    });
    expect(made).toBe(1);
    // It lost its power in that moment: then it is the one that goes.
    expect(await replace({ terminalKey: '33333333' })).toMatchObject({ code: 'code 2' });
  });

  it.each([
    ['one that never joined', { terminal: 'T9' }],
    ['a key that is another’s', { terminalKey: key('1') }],
  ])('%s is refused, and no code is made', async (_, more) => {
    expect(await replace(more)).toMatchObject({ outcome: 'refused', code: 'TERMINAL_UNKNOWN' });
    expect(made).toBe(0);
  });
});
