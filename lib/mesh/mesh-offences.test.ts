/** What peers do wrong, and what it costs them: barred, paused, begun anew, passed over. */
import type { Message } from '@automerge/automerge-repo';
import { describe, expect, it } from 'vitest';
import { a, b, c, document, Shop, sync } from '../../tests/simulation/bare-meshes.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { barsInMemory } from './bars.ts';
import { peerIdOf } from './protocol.ts';
import type { RepoFrame } from './protocol.ts';

const throwing = (code: ErrorCode) => (): never => {
  throw new TillmeshError(code, 'on purpose');
};

describe('what a peer does wrong', () => {
  const codes: readonly ErrorCode[] = [
    'ENTRY_FORGED',
    'NOT_THE_WRITER',
    'CHANGE_NOT_CANONICAL',
    'ENTRY_MALFORMED',
    'OVER_LIMIT',
    'FRAME_MALFORMED',
  ];
  it.each(codes)(
    '%s from the guard bars the peer, also after a restart, until a person pardons it',
    async (code) => {
      const shop = new Shop();
      const bars = barsInMemory();
      const [first, second] = await shop.pair({ bars, inspect: throwing(code) });
      second.mesh.send(sync(b, a));
      await shop.clock.advance(120_000);
      expect(first.mesh.peers).toEqual([]);
      expect(first.received).toEqual([]);
      expect(first.kinds('hostile')).toEqual([
        { kind: 'hostile', peer: b, code, detail: 'on purpose', document },
      ]);
      first.mesh.disconnect();
      await shop.clock.advance(10);

      const again = shop.open(a, 1, [], { bars });
      await shop.clock.advance(60_000);
      expect(again.mesh.peers).toEqual([]);
      expect(again.mesh.barred).toMatchObject([{ peer: b, code }]);
      expect(again.mesh.pardon(b)).toBe(true);
      await shop.clock.advance(60_000);
      expect(again.mesh.peers).toEqual([b]);
      expect(again.mesh.pardon(b)).toBe(false);
    },
  );

  it('who is accused later is barred, linked or gone; nobody else is', async () => {
    const shop = new Shop();
    const [first] = await shop.pair();
    first.mesh.accuse(c, 'CHANGE_NOT_CANONICAL', 'place');
    expect(first.mesh.peers).toEqual([b]);
    first.mesh.accuse(b, 'CHANGE_NOT_CANONICAL', 'place');
    expect(first.mesh.peers).toEqual([]);
    await shop.clock.advance(60_000);
    expect(first.mesh.peers).toEqual([]);
    expect(first.mesh.barred.map(({ peer }) => peer)).toEqual([c, b]);
    expect(first.kinds('hostile')).toMatchObject([{ peer: c }, { peer: b }]);
  });

  it('a hostile own message bars as well', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair({ onOwn: throwing('ENTRY_FORGED') });
    second.mesh.sendOwn(a, { type: 'tillmesh/copies', tips: {} });
    await shop.clock.advance(10);
    expect(first.mesh.barred).toMatchObject([{ peer: b, code: 'ENTRY_FORGED' }]);
  });

  it('a bar that cannot be saved is in force all the same, and the fault is told', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair({
      inspect: throwing('ENTRY_FORGED'),
      bars: { load: () => [], save: throwing('DISK_FULL') },
    });
    second.mesh.send(sync(b, a));
    await shop.clock.advance(60_000);
    expect(first.mesh.peers).toEqual([]);
    expect(first.kinds('fault')).toHaveLength(1);
  });

  it('an error of our own bars nobody: the link begins anew, less and less often', async () => {
    const shop = new Shop();
    let faults = 0;
    const [first, second] = await shop.pair({
      inspect: (message) => {
        faults += 1;
        if (faults <= 6) throw new RangeError('a bug of ours');
        return message;
      },
    });
    second.mesh.on('peer-candidate', () => second.mesh.send(sync(b, a)));
    second.mesh.send(sync(b, a));
    await shop.clock.advance(300_000);
    expect(first.kinds('fault')).toHaveLength(6);
    expect(first.mesh.barred).toEqual([]);
    expect(first.received).toHaveLength(1);
    expect(first.mesh.peers).toEqual([b]);
  });

  it('a storm over one document pauses the pair, longer each time', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    const storm = (): void => {
      for (let n = 0; n <= limits.documentMessagesPerSecond; n += 1) second.mesh.send(sync(b, a));
    };
    second.mesh.on('peer-candidate', storm);
    storm();
    await shop.clock.advance(60_000);
    const pauses = first.kinds('storm').map((event) => ('pauseMs' in event ? event.pauseMs : 0));
    expect(pauses.length).toBeGreaterThan(2);
    expect(pauses).toEqual(pauses.map((_, n) => 1_000 * 2 ** n));
    expect(first.mesh.barred).toEqual([]);
  });

  it('frames above the rate wait and none is left out', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    const many = limits.framesPerSecond * 3;
    for (let n = 0; n < many; n += 1) second.mesh.sendOwn(a, { type: 'tillmesh/copies', tips: {} });
    await shop.clock.advance(10);
    expect(first.own.length).toBeLessThan(many);
    await shop.clock.advance(3_000);
    expect(first.own.length).toBe(many);
    expect(first.kinds('storm')).toEqual([]);
  });

  it('a flood beyond what may wait begins anew after a pause', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    for (let n = 0; n < limits.framesPerSecond * 2 + limits.heldFrames + 100; n += 1)
      second.mesh.sendOwn(a, { type: 'tillmesh/copies', tips: {} });
    await shop.clock.advance(10);
    expect(first.kinds('storm')).toMatchObject([{ cause: 'frames' }]);
    expect(first.mesh.peers).toEqual([]);
    await shop.clock.advance(60_000);
    expect(first.mesh.peers).toEqual([b]);
  });

  it('a peer that does not read begins anew instead of filling the memory', async () => {
    const shop = new Shop({ delayMs: [5_000, 5_000] });
    const first = shop.open(a, 1, [], { timing: { greetingMs: 60_000 } });
    shop.open(b, 2, [1], { timing: { greetingMs: 60_000 } });
    await shop.clock.advance(30_000);
    expect(first.mesh.peers).toEqual([b]);
    const big = new Uint8Array(8 * 1024 * 1024);
    for (let n = 0; n < 10; n += 1) first.mesh.send(sync(a, b, { data: big }));
    expect(first.kinds('slow')).toHaveLength(1);
    expect(first.mesh.peers).toEqual([]);
    expect(first.mesh.barred).toEqual([]);
  });

  it('a message that cannot be prepared is not swallowed: the pair begins anew', async () => {
    const shop = new Shop();
    const [first] = await shop.pair({
      prepare: () => {
        throw new RangeError('a bug of ours');
      },
    });
    first.mesh.send(sync(a, b));
    expect(first.mesh.peers).toEqual([]);
    expect(first.kinds('fault')).toHaveLength(1);
  });

  it('a listener of events that throws harms no link', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair({
      onEvent: () => {
        throw new RangeError('a bug of ours');
      },
    });
    expect([first.mesh.peers, second.mesh.peers]).toEqual([[b], [a]]);
  });
});

describe('documents that are not known', () => {
  it('questions are answered "unavailable"; an answer never is, or two would answer each other for ever', async () => {
    const shop = new Shop();
    const seen: RepoFrame['type'][] = [];
    const [first, second] = await shop.pair({
      inspect: (message) => {
        seen.push(message.type);
        return 'unavailable';
      },
    });
    second.mesh.send(sync(b, a));
    second.mesh.send(sync(b, a, { type: 'request' }));
    second.mesh.send({
      type: 'doc-unavailable',
      senderId: peerIdOf(b),
      targetId: peerIdOf(a),
      documentId: document as NonNullable<Message['documentId']>,
    });
    await shop.clock.advance(100);
    expect(seen).toEqual(['sync', 'request', 'doc-unavailable']);
    expect(second.received.map(({ type }) => type)).toEqual(['doc-unavailable', 'doc-unavailable']);
    expect(first.received).toEqual([]);
  });

  it('ephemeral messages are passed over unless they are asked for', async () => {
    const ephemeral = sync(c, a, { type: 'ephemeral', count: 1, sessionId: 's' });
    for (const [option, arrives] of [
      ['ignored', 0],
      ['passed', 1],
    ] as const) {
      const shop = new Shop();
      const [first, second] = await shop.pair({ ephemeral: option });
      second.mesh.send(ephemeral);
      await shop.clock.advance(10);
      expect(first.received).toHaveLength(arrives);
      expect(first.mesh.peers).toEqual([b]);
    }
  });
});

it('X10: links that are refused leave no timer behind', async () => {
  const shop = new Shop();
  const till = shop.open(a, 1, []);
  await shop.clock.advance(1_000);
  const before = shop.clock.timers;
  for (let n = 0; n < 100; n += 1) {
    const dialler = shop.network.transport(b, 'lan', 2);
    const dialled = dialler.dial({ host: 'lan', port: 1 });
    await shop.clock.advance(2);
    const link = await dialled;
    link.send(Uint8Array.of(0xf6));
    await shop.clock.advance(2);
    till.mesh.pardon(b);
  }
  expect(till.kinds('hostile')).toHaveLength(100);
  expect(shop.clock.timers).toBeLessThan(before + 5);
});
