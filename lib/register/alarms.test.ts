import { describe, expect, it } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import type { FlagKind } from '../domain/flags.ts';
import { parsePrincipal, type Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { HealthFindings } from '../host/alarms.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { TillAlarms } from './alarms.ts';
import type { Register } from './register.ts';

const own = 'S01-T1-00000000000000a1' as Principal;
const second = 'S01-T2-00000000000000a2' as Principal;
const third = 'S01-T3-00000000000000a3' as Principal;
const relay = 'HQ-HQ1-00000000000000aa' as Principal;

/** A till as far as its alarms look at it. */
function till() {
  const state = {
    peers: [second, third, relay],
    barred: [] as { peer: Principal; code: string; atMs: number }[],
    revoked: [] as Principal[],
    more: [] as Principal[],
    reason: 'stolen',
    doubles: [] as object[],
    offsets: {} as Record<string, number>,
    flags: [] as { kind: FlagKind; subject: unknown[]; cause: object }[],
    revocation: undefined as object | undefined,
  };
  const members = () =>
    [own, second, third, relay, ...state.more].map((principal) => ({
      principal,
      identity: parsePrincipal(principal),
      terminalKey: principal,
    }));
  const register = {
    living: { principal: own },
    models: {
      flags: ({ kind, limit }: { kind: FlagKind; limit: number }) =>
        state.flags.filter((flag) => flag.kind === kind).slice(0, limit),
    },
    get revocation() {
      return state.revocation;
    },
    replica: {
      me: { principal: own },
      mesh: {
        get peers() {
          return state.peers;
        },
        get barred() {
          return state.barred;
        },
      },
      voice: { clockOffsetMs: (peer: string) => state.offsets[peer] },
      keyring: { members },
      doubles: { list: () => state.doubles },
      revocations: {
        of: ({ principal }: { principal: Principal }) =>
          state.revoked.includes(principal) ? { reason: state.reason } : undefined,
        standingMembers: () =>
          members().filter(({ principal }) => !state.revoked.includes(principal)),
      },
    },
  };
  const clock = { nowMs: 5_000, wallMs: () => clock.nowMs, monotonicMs: () => clock.nowMs };
  const health = new HealthFindings(clock);
  const alarms = new TillAlarms(register as unknown as Register, clock as never, health);
  return { state, clock, health, alarms };
}

describe('the alarms of a till', () => {
  it('there are none of a shop that is well', () => {
    expect(till().alarms.list()).toEqual([]);
  });

  it('P5: who says of ever more names that they exist twice hides no fork and no refusal, revoked or not', () => {
    const { state, alarms } = till();
    const word = (n: number) => ({ observer: 'S01/T2/00000000000000a2', at: formatHlc(n, 0) });
    const others = Array.from({ length: limits.alarms + 5 }, (_, n) => n + 1);
    const of = { journal: 'S01/T3/00000000000000a3', terminal: 'S01-T3' };
    state.flags = [
      ...others.map((n) => ({
        kind: 'terminal-fork' as const,
        subject: [`A00/T${n}/00000000000000a3`],
        cause: { seen: [word(n)] },
      })),
      ...others.map((n) => ({
        kind: 'foreign-write' as const,
        subject: [`A00-T${n}`],
        cause: { seen: [{ ...word(n), code: 'X' }] },
      })),
      {
        kind: 'terminal-fork',
        subject: [of.journal],
        cause: { seq: 3, hashes: ['a', 'b'], seen: [] },
      },
      {
        kind: 'foreign-write',
        subject: [of.terminal],
        cause: {
          seen: [{ observer: 'S01/T4/00000000000000a4', at: formatHlc(7, 0), code: 'Y' }],
        },
      },
    ];
    const ids = () => alarms.list().map(({ id }) => id);
    expect(ids()).toEqual(expect.arrayContaining(['fork S01-T3', 'foreignWrite S01-T3']));
    state.revoked = [second];
    expect(ids().toSorted()).toEqual(['foreignWrite S01-T3', 'fork S01-T3']);
  });

  it('P3: a terminal in two hands is one until its key is revoked; the flag stays', () => {
    const { state, alarms } = till();
    const journal = 'S01/T2/00000000000000a2';
    const observers = ['S01/T3/00000000000000a3', 'S01/T4/00000000000000a4'];
    const seen = observers.map((observer, n) => ({ observer, at: formatHlc(7_000 - n, 0) }));
    const [fork] = [{ kind: 'terminal-fork' as const, subject: [journal], cause: { seen } }];
    state.flags = [fork];
    const alarm = {
      kind: 'fork',
      terminal: 'S01-T2',
      isOwn: false,
      id: 'fork S01-T2',
      sinceMs: 6_999,
    };
    // By nothing but their word: a liar has to stand to it by name.
    expect(alarms.list()).toEqual([{ ...alarm, by: ['S01-T3', 'S01-T4'] }]);
    const own = { observer: 'S01/T1/00000000000000a1', at: formatHlc(9_000, 0) };
    state.flags = [{ ...fork, cause: { seen: [own, ...seen] } }];
    expect(alarms.list()).toEqual([alarm]);
    state.flags = [{ ...fork, cause: { seq: 3, hashes: ['a', 'b'], seen } }];
    expect(alarms.list()).toEqual([alarm]);
    state.revoked = [second];
    expect(alarms.list()).toEqual([]);
  });

  it('N9: two devices of one name are one until one of them is revoked; two keys of head office are none', () => {
    const { state, alarms } = till();
    const twin = 'S01-T2-00000000000000b2' as Principal;
    state.more = [twin, 'HQ-HQ1-00000000000000bb' as Principal];
    expect(alarms.list()).toMatchObject([
      { kind: 'sameName', terminal: 'S01-T2', isOwn: false, id: 'sameName S01-T2' },
    ]);
    state.revoked = [second];
    expect(alarms.list()).toEqual([]);
    state.more = ['S01-T1-00000000000000b1' as Principal];
    expect(alarms.list()).toMatchObject([{ kind: 'sameName', terminal: 'S01-T1', isOwn: true }]);
  });

  it('a name that is in use is one when that is said for longer than a dead link lives', () => {
    const { clock, alarms } = till();
    const told = () => alarms.happened({ kind: 'turnedAway', peer: second, identity: true });
    told();
    clock.nowMs += 7_000;
    told();
    expect(alarms.list()).toEqual([]);
    clock.nowMs += 2_000;
    told();
    expect(alarms.list()).toMatchObject([{ kind: 'identityInUse', by: ['S01-T2'] }]);
    alarms.happened({ kind: 'linked', peer: second, dialled: true });
    expect(alarms.list()).toEqual([]);
  });

  it('a clock that is off is one at the till that it is of, since it is known', () => {
    const { state, clock, alarms } = till();
    state.offsets = { [second]: 90_000, [third]: 0, [relay]: 0 };
    expect(alarms.list()).toEqual([]);
    state.offsets = { [second]: -240_000, [third]: -240_500, [relay]: -239_000 };
    const [first] = alarms.list();
    expect(first).toMatchObject({
      kind: 'clock',
      isOwn: true,
      isClear: true,
      offsetMs: 240_000,
      others: ['HQ-HQ1', 'S01-T2', 'S01-T3'],
      sinceMs: 5_000,
    });
    clock.nowMs += 60_000;
    expect(alarms.list()[0]?.sinceMs).toBe(5_000);
    state.peers = [second];
    expect(alarms.list()).toMatchObject([
      { isClear: false, offsetMs: 240_000, others: ['S01-T2'] },
    ]);
  });

  it('who is barred here is one that can be acted on, and what others refused is another', () => {
    const { state, alarms } = till();
    const flag = (terminal: string, observer: string) => ({
      kind: 'foreign-write' as const,
      subject: [terminal],
      cause: { seen: [{ observer, code: 'OVER_LIMIT', at: formatHlc(9_000, 0) }] },
    });
    state.barred = [{ peer: second, code: 'NOT_THE_WRITER', atMs: 4_000 }];
    state.flags = [
      flag('S01-T2', 'S01/T3/00000000000000a3'),
      flag('S01-T9', 'S01/T3/00000000000000a3'),
      flag('S01-T8', 'S01/T1/00000000000000a1'),
    ];
    expect(alarms.list()).toMatchObject([
      { kind: 'barred', terminal: 'S01-T2', code: 'NOT_THE_WRITER', sinceMs: 4_000 },
      { kind: 'foreignWrite', terminal: 'S01-T9', code: 'OVER_LIMIT', by: ['S01-T3'] },
    ]);
  });

  it('what those alone said whose key is in other hands is none any more; what was seen here is', () => {
    const { state, alarms } = till();
    const observer = 'S01/T3/00000000000000a3';
    const seen = [{ observer, code: 'OVER_LIMIT', at: formatHlc(9_000, 0) }];
    const doubled = {
      kind: 'terminal-fork' as const,
      subject: ['S01/T2/00000000000000a2'],
      cause: { seen },
    };
    state.flags = [doubled, { kind: 'foreign-write', subject: ['S01-T2'], cause: { seen } }];
    expect(alarms.list().map(({ kind }) => kind)).toEqual(['foreignWrite', 'fork']);
    state.revoked = [third];
    expect(alarms.list()).toEqual([]);
    state.reason = 'retired';
    expect(alarms.list().map(({ kind }) => kind)).toEqual(['foreignWrite', 'fork']);
    state.reason = 'stolen';
    state.flags = [{ ...doubled, cause: { seq: 3, hashes: ['a', 'b'], seen } }];
    expect(alarms.list()).toMatchObject([{ kind: 'fork', terminal: 'S01-T2' }]);
    state.flags = [
      { ...doubled, cause: { seen: [...seen, { observer: 'S01/T1/00000000000000a1' }] } },
    ];
    expect(alarms.list()).toMatchObject([{ kind: 'fork', terminal: 'S01-T2' }]);
  });

  it('a till that cheats hides none of another kind behind many of its own making', () => {
    const { state, health, alarms } = till();
    state.flags = Array.from({ length: 3 * limits.alarms }, (_, n) => ({
      kind: 'foreign-write' as const,
      subject: [`S01-T${n + 4}`],
      cause: { seen: [{ observer: 'S01/T3/00000000000000a3', code: 'x' }] },
    }));
    for (let n = 0; n < 2 * limits.alarms; n++)
      health.report({ kind: 'tampered', subject: `documents/${n}` });
    health.report({ kind: 'diskFull' });
    const kinds = alarms.list().map(({ kind }) => kind);
    expect(kinds).toHaveLength(limits.alarms);
    expect(new Set(kinds)).toEqual(new Set(['foreignWrite', 'tampered', 'diskFull']));
  });

  it('what is found out about the machine stands until it is settled', () => {
    const { health, alarms } = till();
    let changes = 0;
    health.onChange(() => changes++);
    const journal = { kind: 'tampered', subject: 'journals/S01/T1' } as const;
    health.report(journal);
    health.report(journal);
    expect(alarms.list()).toMatchObject([{ ...journal, sinceMs: 5_000 }]);
    expect(() =>
      health.writing(() => {
        throw new TillmeshError('DISK_FULL');
      }),
    ).toThrow();
    expect(alarms.list().map(({ kind }) => kind)).toContain('diskFull');
    health.writing(() => undefined);
    health.settle(journal);
    expect(alarms.list()).toEqual([]);
    expect(changes).toBe(4);
  });
});
