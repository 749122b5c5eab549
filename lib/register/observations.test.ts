import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readBody } from '../domain/bodies-schema.ts';
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { Observations, type ObservationDraft } from './observations.ts';

const peer = 'S01-T2-00000000000000b2' as Principal;
const nextLife = 'S01-T2-00000000000000b3' as Principal;

function listening(clockWords: ReadonlyMap<string, number> = new Map()) {
  const said: ObservationDraft[] = [];
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
  const observations = new Observations({
    incarnation: '00000000000000a1',
    clock,
    forkOf: () => ({ seq: 4, hashes: ['a', 'b'] as EntryHash[] }),
    lastSeq: () => 9,
    clockWords,
    append: (draft) => said.push(draft),
  });
  return { observations, said, clock };
}
const hostile = (who: Principal, code: 'OVER_LIMIT' | 'NOT_THE_WRITER') =>
  ({ kind: 'hostile', peer: who, code, detail: '' }) as const;

describe('what a till has noticed', () => {
  it('X11: a finding can be read by all, whatever a planted file is called', () => {
    const { observations, said } = listening();
    for (const where of ['documents/a\nb', 'documents/a\u2028b', `documents/${'😀'.repeat(200)}`])
      observations.tampering({ code: 'FILE_STRANGE', where, what: `x\0${'😀'.repeat(200)}` });
    expect(said).toHaveLength(3);
    for (const { type, body } of said) expect(readBody(type, body)).toMatchObject({ ok: true });
  });

  it('is said once, lives and repetitions or not, and again after a pardon', () => {
    const { observations, said } = listening();
    for (const who of [peer, nextLife, peer]) observations.notice(hostile(who, 'OVER_LIMIT'));
    observations.notice(hostile(peer, 'NOT_THE_WRITER'));
    expect(said.map(({ type }) => type)).toEqual(['ForeignWriteRefused', 'ForeignWriteRefused']);
    expect(observations.pardoned('S01-T2', 'OVER_LIMIT')).toMatchObject({
      type: 'PeerPardoned',
      body: { peer: 'S01-T2', code: 'OVER_LIMIT' },
    });
    observations.notice(hostile(peer, 'OVER_LIMIT'));
    expect(said).toHaveLength(3);
    expect(new Set(said.map(({ command }) => command)).size).toBe(3);
  });

  it('two devices under one name are said before their branches are known', () => {
    const { observations, said } = listening();
    for (const instance of ['one', 'two'])
      observations.notice({ kind: 'doubleIdentity', peer, instance });
    const journal = 'S01/T2/00000000000000b2' as JournalKey;
    expect(said.map(({ body }) => body)).toEqual([{ journal, seq: 9, hashes: [], live: true }]);
    observations.notice({ kind: 'forked', journal });
    expect(said[1]).toMatchObject({ type: 'ForkSeen', body: { journal, hashes: ['a', 'b'] } });
  });
});

describe('clocks that are off', () => {
  it('are said when they are off and when they are right, by terminal', () => {
    const { observations, said } = listening();
    for (const ms of [0, 29_000, 90_000, 91_000, 25_000, 3, 3]) observations.clock(peer, ms);
    observations.clock(nextLife, 90_000);
    expect(said.map(({ body }) => body)).toEqual([
      { peer, offsetMs: 90_000 },
      { peer, offsetMs: 3 },
      { peer: nextLife, offsetMs: 90_000 },
    ]);
  });

  it('what was said before a restart is taken back when it is not so any more, and not said twice', () => {
    const { observations, said } = listening(new Map([['S01-T2', 90_000]]));
    observations.clock(peer, 91_000);
    expect(said).toEqual([]);
    observations.clock(peer, 2);
    expect(said.map(({ body }) => body)).toEqual([{ peer, offsetMs: 2 }]);
  });

  test('however a clock is swung, it is few entries, and the last word comes', () => {
    let swung = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(-500_000, 0, 400_000, 2_000_000), {
          minLength: 20,
          maxLength: 300,
        }),
        (swings) => {
          const { observations, said, clock } = listening();
          for (const offsetMs of swings) {
            clock.nowMs += 2_000;
            observations.clock(peer, offsetMs);
          }
          const most = limits.clockWords + Math.floor(clock.nowMs / limits.clockWordEveryMs);
          expect(said.length).toBeLessThanOrEqual(most);
          swung += said.length === most ? 1 : 0;
          clock.nowMs += limits.clockWordEveryMs;
          observations.clock(peer, 0);
          const last = said.at(-1)?.body as { offsetMs: number } | undefined;
          expect(Math.abs(last?.offsetMs ?? 0)).toBeLessThan(limits.clockSettledMs);
        },
      ),
    );
    expect(swung).toBeGreaterThan(0);
  });
});
