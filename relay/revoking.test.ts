import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryHash, Hlc, StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import type { RevokeAsk } from '../lib/host/hq-services.ts';
import { formatHlc } from '../lib/journal/hybrid-clock.ts';
import { devicesNamed } from './name-holders.ts';
import { revokeTerminal, type RevokingParts } from './revoking.ts';

type Life = {
  readonly terminal: string;
  readonly life: number;
  readonly key: string;
  readonly seq?: number;
  /** Key of the till that let it in. */
  readonly letInBy?: string;
};

const key = (name: string) => name.repeat(64).slice(0, 64);
const hash = 'h'.repeat(43) as EntryHash;
let lives: Life[];
let kept: Revocation[];
let by: string[];
/** Joined by a code, and not met since. */
let unheard: string[];

/** Of a relay what this asks. */
function parts(): RevokingParts {
  const incarnation = (life: number) => life.toString(16).padStart(16, '0');
  const members = () =>
    lives.map(({ terminal, life, key: terminalKey, letInBy }) => ({
      identity: { store: 'S01', terminal, incarnation: incarnation(life) },
      principal: `S01-${terminal}-${incarnation(life)}`,
      letter: 'A',
      terminalKey,
      issuerKeys: letInBy === undefined ? [] : [letInBy],
    }));
  const replica = {
    keyring: { members },
    revocations: {
      of: ({ terminalKey }: { terminalKey: string }) =>
        kept.find((one) => one.terminalKey === terminalKey),
    },
    journals: {
      tip(journal: string) {
        const seq = lives.find(({ life }) => journal.endsWith(incarnation(life)))?.seq ?? 0;
        return { segment: 1, seq, hash: seq > 0 ? hash : '-' };
      },
    },
    hybridClock: { next: () => formatHlc(1_000 + kept.length, 0) },
    mesh: { peers: ['S01-T2-0000000000000002'] },
  };
  const revoke = (revocation: Revocation, who: string) => {
    const before = kept.find((one) => one.terminalKey === revocation.terminalKey);
    if (!before) kept.push(revocation);
    by.push(who);
    return Promise.resolve(before ?? revocation);
  };
  const names = {
    devices: (store: string, terminal: string) =>
      Promise.resolve(
        devicesNamed(
          replica as never,
          { store, terminal } as never,
          unheard.map((terminalKey) => ({ terminalKey })),
        ),
      ),
  };
  return {
    names,
    relay: { replica },
    wanted: { revoke },
    publishing: { revoke: (write: () => Promise<Revocation>) => write() },
  } as unknown as RevokingParts;
}

const ask = (more: Partial<Record<keyof RevokeAsk, string>> = {}) =>
  revokeTerminal(
    parts(),
    { store: 'S01', terminal: 'T2', reason: 'lost', ...more } as unknown as RevokeAsk,
    'max',
  );

beforeEach(() => {
  lives = [
    { terminal: 'T1', life: 1, key: key('1'), seq: 9 },
    { terminal: 'T2', life: 2, key: key('2'), seq: 5 },
    { terminal: 'T2', life: 3, key: key('2'), seq: 2 },
    { terminal: 'T2', life: 4, key: key('2') },
  ];
  [kept, by, unheard] = [[], [], []];
});

describe('revoking a terminal by its name', () => {
  it('means the key behind it, with the tips of all its lives as head office has them', async () => {
    expect(await ask()).toEqual({
      outcome: 'done',
      store: 'S01',
      terminal: 'T2',
      terminalKey: key('2'),
      reason: 'lost',
      atMs: 1_000,
    });
    expect(kept).toEqual([
      {
        type: 'revocation',
        store: 'S01' as StoreId,
        terminal: 'T2' as TerminalId,
        terminalKey: key('2'),
        reason: 'lost',
        tips: {
          'S01/T2/0000000000000002': { seq: 5, hash },
          'S01/T2/0000000000000003': { seq: 2, hash },
        },
        at: formatHlc(1_000, 0) satisfies Hlc,
      },
    ]);
    expect(by).toEqual(['max']);
  });

  it.each([
    ['stolen', 3],
    ['retired', 2],
  ])('%s: what was let in by it is known as far as head office has it', async (reason, count) => {
    lives.push({ terminal: 'T10', life: 9, key: key('a'), seq: 4, letInBy: key('2') });
    await ask({ reason });
    expect(Object.keys(kept[0]?.tips ?? {})).toHaveLength(count);
  });

  it('twice is one, and answers what stands', async () => {
    await ask();
    expect(await ask({ reason: 'stolen' })).toMatchObject({ outcome: 'repeated', reason: 'lost' });
    expect(kept).toHaveLength(1);
  });

  it('of two at the same moment one is kept, and the other hears of it', async () => {
    const first: Revocation = {
      type: 'revocation',
      store: 'S01' as StoreId,
      terminal: 'T2' as TerminalId,
      terminalKey: key('2'),
      reason: 'stolen',
      tips: {},
      at: formatHlc(900, 0),
    };
    const racing = parts();
    const publishing = { revoke: () => Promise.resolve(first) };
    const given = { store: 'S01', terminal: 'T2', reason: 'lost' } as unknown as RevokeAsk;
    expect(await revokeTerminal({ ...racing, publishing }, given, 'max')).toMatchObject({
      outcome: 'repeated',
      reason: 'stolen',
      atMs: 900,
    });
  });

  it.each<[string, Partial<Record<keyof RevokeAsk, string>>, string]>([
    ['one that never joined', { terminal: 'T9' }, 'TERMINAL_UNKNOWN'],
    ['head office itself', { store: 'HQ', terminal: 'HQ1' }, 'REVOKE_HEAD_OFFICE'],
    ['a key that is another’s', { terminalKey: key('1') }, 'TERMINAL_UNKNOWN'],
  ])('%s is refused with advice', async (_, more, code) => {
    expect(await ask(more)).toMatchObject({ outcome: 'refused', code });
    expect(kept).toEqual([]);
  });

  it('a name that two keys have needs the key; once the old one is revoked it means the new one', async () => {
    lives.push({ terminal: 'T2', life: 7, key: key('7'), seq: 1 });
    const refused = await ask();
    expect(refused).toMatchObject({ outcome: 'refused', code: 'TERMINAL_AMBIGUOUS' });
    expect(refused).toMatchObject({
      message: expect.stringContaining(
        '222222222222: series A, linked; 777777777777: series A, not linked',
      ) as string,
    });
    expect(await ask({ terminalKey: '22222222' })).toMatchObject({ outcome: 'done' });
    expect(await ask({ terminalKey: '22222222' })).toMatchObject({ outcome: 'repeated' });
    expect(await ask()).toMatchObject({ outcome: 'done', terminalKey: key('7') });
    expect(kept.map(({ terminalKey }) => terminalKey)).toEqual([key('2'), key('7')]);
  });

  it('a key that joined and that nobody has heard of is known by its code', async () => {
    lives = [];
    unheard = [key('5')];
    expect(await ask()).toMatchObject({ outcome: 'done', terminalKey: key('5') });
    expect(kept).toMatchObject([{ terminalKey: key('5'), tips: {} }]);
    expect(await ask()).toMatchObject({ outcome: 'repeated', terminalKey: key('5') });
  });
});
