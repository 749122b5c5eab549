import { describe, expect, it } from 'vitest';
import { DocumentRegistry } from '../documents/registry.ts';
import type { DeskEnvelope } from '../domain/desk-cart.ts';
import type { Principal, StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { DeskChange, DeskWriter } from './desk-change.ts';
import { DeskLog } from './desk-log.ts';
import { placeOfGenesis } from './roster-change.ts';

const rule = new DocumentRegistry().learnDesk('S01' as StoreId, '2026-11-20');
const start = placeOfGenesis(rule);

/** The till of an actor: `a` writes at TA. */
const till = (actor: string) => `S01-T${actor}-0000000000000000` as Principal;
const writer = (actor: string): DeskWriter => ({
  principal: till(actor),
  identity: { store: 'S01', terminal: `T${actor}`, incarnation: '0000000000000000' } as never,
  verify: () => true,
});
const [x, y, z, liar] = ['7', '8', '9', '6'].map(till) as [
  Principal,
  Principal,
  Principal,
  Principal,
];

/** Change `seq` of an actor; `twin` makes another one for the same place. */
function change(
  actor: string,
  seq: number,
  { twin = '', size = 10, after }: { twin?: string; size?: number; after?: string } = {},
): DeskChange {
  const dep = after ?? (seq === 1 ? start.hash : `${actor}${seq - 1}`);
  return {
    bytes: new Uint8Array(size),
    place: { hash: `${actor}${seq}${twin}`, actor, actorSeq: seq, op: seq + 1 },
    dep,
    writer: writer(actor),
    envelope: {} as DeskEnvelope,
  };
}
const emptyLog = () => new DeskLog(rule, []);

describe('what a desk takes', () => {
  it('chains of its writers, in any order within a message', () => {
    const log = emptyLog();
    const changes = [change('a', 3), change('b', 1), change('a', 1), change('a', 2)];
    expect(log.take(changes, x)).toEqual({ kind: 'taken' });
    expect([log.tip('a').hash, log.tip('b').hash, log.tip('c')]).toEqual(['a3', 'b1', start]);
    expect(log.isWaiting).toBe(false);
  });

  it('what it has already, and nothing', () => {
    const log = emptyLog();
    log.take([change('a', 1)], x);
    expect(log.take([change('a', 1)], y)).toEqual({ kind: 'taken' });
    expect(log.take([], y)).toEqual({ kind: 'taken' });
  });

  it('what overtook its predecessor waits for it, and stands when it comes', () => {
    const log = emptyLog();
    expect(log.take([change('a', 3)], x)).toEqual({ kind: 'taken' });
    expect([log.has('a3'), log.isWaiting, log.waitsFor(x), log.waitsFor(y)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    log.take([change('a', 2)], y);
    log.take([change('a', 1)], z);
    expect([log.has('a3'), log.isWaiting, log.tip('a').hash]).toEqual([true, false, 'a3']);
  });

  it('what a document that was read from the disk holds', () => {
    const known = [
      { hash: start.hash, actor: start.actor, seq: 1, startOp: 1, bytes: 1, writer: undefined },
      { hash: 'a1', actor: 'a', seq: 1, startOp: 2, bytes: 1, writer: writer('a') },
      { hash: 'a2', actor: 'a', seq: 2, startOp: 3, bytes: 1, writer: undefined },
    ];
    const log = new DeskLog(rule, known);
    expect(log.writer('a')?.principal).toBe(till('a'));
    expect(log.tip('a')).toEqual({ hash: 'a2', actor: 'a', actorSeq: 2, op: 3 });
    expect(log.take([change('a', 3)], x)).toEqual({ kind: 'taken' });
  });
});

describe('what would break the document for all who merged it', () => {
  it.each<[string, DeskChange[], DeskChange[]]>([
    ['a twin of a change that is here', [change('a', 1)], [change('a', 1, { twin: '!' })]],
    ['twins in one message', [], [change('a', 1), change('a', 1, { twin: '!' })]],
    [
      'a second change after one that has a successor',
      [change('a', 1), change('a', 2)],
      [change('a', 2, { twin: '!' })],
    ],
    ['a place that was left out', [change('a', 1)], [change('a', 3, { after: 'a1' })]],
    ['what follows another’s change', [change('b', 1)], [change('a', 2, { after: 'b1' })]],
  ])('%s proves who wrote it, and nothing of the message is taken', (_, before, bad) => {
    const log = emptyLog();
    log.take(before, x);
    const verdict = log.take([...bad, change('c', 1)], y);
    expect(verdict).toMatchObject({ kind: 'broken', writer: till('a') });
    expect([log.has('c1'), log.isWaiting]).toEqual([false, false]);
  });

  it.each<[string, DeskChange[], DeskChange[]]>([
    [
      'waiting twins in one message',
      [],
      [change('a', 5, { after: 'q' }), change('a', 5, { twin: '!', after: 'r' })],
    ],
    [
      'one that follows what is not here, in a place that is taken',
      [change('a', 1), change('a', 2)],
      [change('a', 2, { twin: '!', after: 'q' })],
    ],
  ])('%s: Automerge refuses to keep it', (_, before, bad) => {
    const log = emptyLog();
    expect(log.take(before, x)).toEqual({ kind: 'taken' });
    expect(log.take(bad, y)).toMatchObject({ kind: 'broken', writer: till('a') });
  });

  it('one that comes into the place of one that waits for something else', () => {
    const log = emptyLog();
    log.take([change('a', 2, { twin: '!', after: 'q' })], liar);
    const genuine = [change('a', 1), change('a', 2)];
    expect(log.take(genuine, y)).toMatchObject({ kind: 'forget', writer: till('a') });
    log.forgetWaiting();
    expect(log.take(genuine, y)).toEqual({ kind: 'taken' });
  });

  it('one that waited is forgotten with all that waits, and the rest is taken then', () => {
    const log = emptyLog();
    log.take([change('a', 2, { twin: '!' })], liar);
    expect(log.take([change('a', 2)], x)).toMatchObject({ kind: 'forget', writer: till('a') });
    log.forgetWaiting();
    expect(log.take([change('a', 2)], x)).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 1)], y)).toEqual({ kind: 'taken' });
    expect([log.tip('a').hash, log.waitsFor(liar)]).toEqual(['a2', false]);
  });

  it('one that waited and has no place where it belongs is forgotten as well', () => {
    const log = emptyLog();
    log.take([change('a', 3, { after: 'a1' })], liar);
    expect(log.take([change('a', 1)], y)).toMatchObject({ kind: 'forget', writer: till('a') });
    expect(log.has('a1')).toBe(false);
    log.forgetWaiting();
    expect(log.take([change('a', 1)], y)).toEqual({ kind: 'taken' });
  });
});

describe('how much a desk takes', () => {
  it('is full at its bound; what is written here goes on', () => {
    const log = emptyLog();
    log.take([change('a', 1, { size: limits.deskBytes })], x);
    expect(log.isFull()).toBe(true);
    expect(log.take([change('a', 2)], x)).toEqual({ kind: 'full' });
    expect(log.take([change('a', 1)], x)).toEqual({ kind: 'taken' });
    log.add(change('me', 1).place, 10, writer('me'));
    expect(log.tip('me').hash).toBe('me1');
  });

  it('counts what it began with', () => {
    const first = { hash: 'b1', actor: 'b', seq: 1, startOp: 2, writer: writer('b') };
    const whole = new DeskLog(rule, [{ ...first, bytes: limits.deskBytes }]);
    expect(whole.take([change('a', 1)], x)).toEqual({ kind: 'full' });
    const shared = new DeskLog(rule, [{ ...first, bytes: limits.deskTerminalBytes }]);
    expect(shared.take([change('b', 2)], till('b'))).toEqual({ kind: 'full' });
    expect(shared.take([change('a', 1)], till('a'))).toEqual({ kind: 'taken' });
  });

  it('a terminal that filled its share brings no more of its own; others go on, and carry what they took', () => {
    const log = emptyLog();
    const share = { size: limits.deskTerminalBytes };
    expect(log.take([change('a', 1, share)], till('a'))).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 2)], till('a'))).toEqual({ kind: 'full' });
    expect(log.take([change('b', 1)], till('b'))).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 2), change('b', 2)], till('b'))).toEqual({ kind: 'taken' });
  });

  it('lets no more of a terminal wait than its bound, the same change counted once', () => {
    const log = emptyLog();
    const half = { size: limits.deskTerminalBytes / 2 };
    for (let times = 0; times < 2; times++)
      expect(log.take([change('a', 2, half)], x)).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 4, half)], x)).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 6)], x)).toEqual({ kind: 'full' });
    // Nobody else waits less for it.
    expect(log.take([change('b', 2, half)], x)).toEqual({ kind: 'taken' });
    // Room again: what it waited for came.
    expect(log.take([change('a', 1)], y)).toEqual({ kind: 'taken' });
    expect(log.take([change('a', 6)], x)).toEqual({ kind: 'taken' });
  });
});
