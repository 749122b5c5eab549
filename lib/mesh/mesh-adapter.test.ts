import type { Message } from '@automerge/automerge-repo';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryNetwork } from '../../tests/simulation/memory-transport.ts';
import type { MemoryNetworkOptions } from '../../tests/simulation/memory-transport.ts';
import { seededRandom } from '../../tests/simulation/seeded-random.ts';
import { VirtualClock } from '../../tests/simulation/virtual-clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { barsInMemory } from './bars.ts';
import { MeshAdapter } from './mesh-adapter.ts';
import type { MeshEvent } from './mesh-events.ts';
import type { MeshOptions } from './mesh-options.ts';
import { peerIdOf } from './protocol.ts';
import type { OwnMessage, RepoFrame } from './protocol.ts';

const principal = (terminal: string, life = 1): Principal =>
  `S01-${terminal}-${life.toString(16).padStart(16, '0')}` as Principal;
const [a, b, c] = [principal('T1'), principal('T2'), principal('T3')];
/** A valid document id. */
const document = '4NMNnkMhL8jXrdJ9jamS58PAVdXu';

type Till = {
  readonly mesh: MeshAdapter;
  readonly name: Principal;
  readonly events: MeshEvent[];
  readonly own: OwnMessage[];
  readonly received: Message[];
  kinds(kind: MeshEvent['kind']): MeshEvent[];
};

/** A shop of meshes without repos on a network in memory. */
class Shop {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly #random: () => number;
  #processes = 0;

  constructor(options: Partial<MemoryNetworkOptions> = {}, seed = 1) {
    this.#random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.#random, ...options });
  }

  open(
    name: Principal,
    port: number,
    dials: readonly number[],
    options: Partial<MeshOptions> = {},
  ): Till {
    const events: MeshEvent[] = [];
    const own: OwnMessage[] = [];
    const received: Message[] = [];
    this.#processes += 1;
    const mesh = new MeshAdapter({
      transport: this.network.transport(name, 'lan', port),
      clock: this.clock,
      random: this.#random,
      instance: `process-${this.#processes}`,
      inspect: (message) => message,
      prepare: (message) => message,
      onOwn: (message) => own.push(message),
      admit: () => true,
      targets: () => dials.map((to) => ({ host: 'lan', port: to })),
      bars: barsInMemory(),
      onEvent: (event) => events.push(event),
      ...options,
    });
    mesh.on('message', (message) => received.push(message));
    mesh.connect(peerIdOf(name), {});
    return {
      mesh,
      name,
      events,
      own,
      received,
      kinds: (kind) => events.filter((event) => event.kind === kind),
    };
  }

  /** Two tills, the second dials the first. */
  async pair(options: Partial<MeshOptions> = {}): Promise<[Till, Till]> {
    const first = this.open(a, 1, [], options);
    const second = this.open(b, 2, [1]);
    await this.clock.advance(100);
    return [first, second];
  }
}

const sync = (from: Principal, to: Principal, fields: object = {}): Message => ({
  type: 'sync',
  senderId: peerIdOf(from),
  targetId: peerIdOf(to),
  documentId: document as NonNullable<Message['documentId']>,
  data: new Uint8Array([1]),
  ...fields,
});
const throwing = (code: ErrorCode) => (): never => {
  throw new TillmeshError(code, 'on purpose');
};

describe('links', () => {
  it('N2: a pair comes up on both sides, and the repo hears what the published adapter would say', async () => {
    const shop = new Shop();
    const said: unknown[] = [];
    const first = shop.open(a, 1, []);
    first.mesh.on('peer-candidate', (event) => said.push(event));
    const second = shop.open(b, 2, []);
    second.mesh.connect(peerIdOf(b), { storageId: 'disk-b' as never, isEphemeral: false });
    const third = shop.open(c, 3, [1]);
    await shop.clock.advance(100);
    expect(first.mesh.peers).toEqual([c]);
    expect(third.mesh.peers).toEqual([a]);
    expect(said).toEqual([{ peerId: c, peerMetadata: {} }]);
    first.mesh.send(sync(a, c));
    await shop.clock.advance(10);
    expect(third.received).toEqual([sync(a, c)]);
  });

  it('P2: a lonely till is ready', async () => {
    const shop = new Shop();
    const { mesh } = shop.open(a, 1, []);
    expect(mesh.isReady()).toBe(false);
    await shop.clock.advance(500);
    expect(mesh.isReady()).toBe(true);
    await mesh.whenReady();
  });

  it('N4: whichever way and however slowly all pairs dial, every pair keeps exactly one link and both ends the same', async () => {
    let doubles = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 400 }), async (seed, slowMs) => {
        const shop = new Shop({ delayMs: [0, slowMs] }, seed);
        const tills = [shop.open(a, 1, [2, 3]), shop.open(b, 2, [1, 3]), shop.open(c, 3, [2, 1])];
        await shop.clock.advance(30_000);
        for (const till of tills) {
          expect([...till.mesh.peers].sort()).toEqual(
            [a, b, c].filter((name) => name !== till.name),
          );
          till.events.forEach(({ kind }) => (doubles += kind === 'double' ? 1 : 0));
          // Both ends believe in one link: what is sent on it arrives.
          for (const peer of till.mesh.peers) till.mesh.send(sync(till.name, peer));
        }
        await shop.clock.advance(2_000);
        for (const till of tills)
          expect(till.received.map(({ senderId }) => senderId as string).sort()).toEqual(
            [a, b, c].filter((name) => name !== till.name),
          );
        expect(shop.network.openLinks).toBe(3);
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(doubles).toBeGreaterThan(0);
  });

  it('R1: frames that are lost end the link, and the pair is back after it', async () => {
    const shop = new Shop({ loss: 0.05, delayMs: [1, 20] }, 5);
    const first = shop.open(a, 1, [2]);
    const second = shop.open(b, 2, [1]);
    for (let n = 0; n < 200; n += 1) {
      first.mesh.send(sync(a, b));
      await shop.clock.advance(200);
    }
    expect(shop.network.counts.lost).toBeGreaterThan(5);
    await shop.clock.advance(60_000);
    expect(first.kinds('hostile').concat(second.kinds('hostile'))).toEqual([]);
    expect(first.kinds('linked').length).toBeGreaterThan(3);
  });

  it('back-off grows with jitter and starts over after a link that lasted', async () => {
    const shop = new Shop();
    const till = shop.open(b, 2, [1]);
    await shop.clock.advance(120_000);
    const waits = till.kinds('dialFailed').map((event) => ('retryMs' in event ? event.retryMs : 0));
    expect(waits.length).toBeGreaterThan(6);
    expect(waits.length).toBeLessThan(16);
    waits.forEach((waitMs, n) => {
      const fullMs = Math.min(30_000, 500 * 2 ** n);
      expect(waitMs).toBeGreaterThanOrEqual(fullMs * 0.5);
      expect(waitMs).toBeLessThanOrEqual(fullMs * 1.5);
    });
    const first = shop.open(a, 1, []);
    await shop.clock.advance(60_000);
    expect(first.mesh.peers).toEqual([b]);
    shop.network.sever(a, b);
    await shop.clock.advance(2_000);
    expect(first.mesh.peers).toEqual([b]);
  });

  it('N2: a dead link ends on both sides, and comes back after the partition', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    shop.network.block(a, b);
    await shop.clock.advance(10_000);
    expect([first.mesh.peers, second.mesh.peers]).toEqual([[], []]);
    expect(first.kinds('refused')).toMatchObject([{ why: 'no sign of life' }]);
    shop.network.heal(a, b);
    await shop.clock.advance(60_000);
    expect([first.mesh.peers, second.mesh.peers]).toEqual([[b], [a]]);
  });

  it('disconnect and connect again: a new life, the old one does nothing', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    second.mesh.disconnect();
    expect(second.mesh.peers).toEqual([]);
    await shop.clock.advance(10);
    expect(first.mesh.peers).toEqual([]);
    second.mesh.connect(peerIdOf(b));
    await shop.clock.advance(5_000);
    expect(first.mesh.peers).toEqual([b]);
    first.mesh.disconnect();
    second.mesh.disconnect();
    await shop.clock.advance(1_000);
    expect(shop.clock.timers, 'no timer outlives the mesh').toBe(0);
  });

  it('a port in use is told with its code, and the till dials on', async () => {
    const shop = new Shop();
    shop.open(a, 1, []);
    const second = shop.open(b, 1, []);
    await expect(second.mesh.whenListening()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(second.kinds('notListening')).toMatchObject([{ code: 'PORT_IN_USE' }]);
  });

  it('new targets are dialled after retarget()', async () => {
    const shop = new Shop();
    const first = shop.open(a, 1, []);
    const dials: number[] = [];
    const second = shop.open(b, 2, dials);
    await shop.clock.advance(1_000);
    expect(first.mesh.peers).toEqual([]);
    dials.push(1);
    second.mesh.retarget();
    await shop.clock.advance(100);
    expect(first.mesh.peers).toEqual([b]);
  });

  it('the switch cuts a principal or every life of a terminal, until it is healed', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    for (const peer of [b, 'S01-T2']) {
      first.mesh.cut(peer);
      await shop.clock.advance(60_000);
      expect([first.mesh.peers, second.mesh.peers]).toEqual([[], []]);
      first.mesh.heal(peer);
      await shop.clock.advance(60_000);
      expect([first.mesh.peers, second.mesh.peers]).toEqual([[b], [a]]);
    }
    first.mesh.cut('S01-T');
    await shop.clock.advance(1_000);
    expect(first.mesh.peers, 'a name is cut whole').toEqual([b]);
  });

  it('N9: a principal that is not admitted gets no link, and loses the one it has', async () => {
    const shop = new Shop();
    const revoked = new Set<Principal>();
    const [first] = await shop.pair({ admit: (peer) => !revoked.has(peer) });
    expect(first.mesh.peers).toEqual([b]);
    revoked.add(b);
    first.mesh.readmit();
    await shop.clock.advance(60_000);
    expect(first.mesh.peers).toEqual([]);
    expect(first.kinds('refused')).toContainEqual({
      kind: 'refused',
      peer: b,
      why: 'not admitted',
    });
  });
});

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

describe('P3: one identity, two processes', () => {
  it('a copy of a linked till raises one alarm and never takes its link', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    const copy = shop.open(b, 3, [1]);
    await shop.clock.advance(120_000);
    expect(first.kinds('doubleIdentity')).toHaveLength(1);
    expect(first.kinds('unlinked')).toEqual([]);
    expect(second.mesh.peers).toEqual([a]);
    expect(copy.mesh.peers).toEqual([]);
  });

  it('a till that lost its power and is back is no alarm', async () => {
    const shop = new Shop();
    const first = shop.open(a, 1, []);
    const second = shop.open(b, 2, [1]);
    await shop.clock.advance(100);
    shop.network.powerOff(b);
    second.mesh.disconnect();
    const again = shop.open(b, 3, [1]);
    await shop.clock.advance(1_000);
    expect(first.kinds('refused')).toContainEqual({
      kind: 'refused',
      peer: b,
      why: 'identity in use',
    });
    await shop.clock.advance(60_000);
    expect(first.kinds('doubleIdentity')).toEqual([]);
    expect(again.mesh.peers).toEqual([a]);
  });

  it('a copy that dials its original is an alarm on both', async () => {
    const shop = new Shop();
    const original = shop.open(a, 1, []);
    const copy = shop.open(a, 2, [1]);
    await shop.clock.advance(1_000);
    expect(original.kinds('doubleIdentity')).toMatchObject([{ peer: a, instance: 'process-2' }]);
    expect(copy.kinds('doubleIdentity')).toMatchObject([{ peer: a, instance: 'process-1' }]);
    expect(original.mesh.peers).toEqual([]);
  });

  it('the own address among the targets is no alarm and no link', async () => {
    const shop = new Shop();
    const till = shop.open(a, 1, [1]);
    await shop.clock.advance(60_000);
    expect(till.mesh.peers).toEqual([]);
    expect(till.kinds('doubleIdentity')).toEqual([]);
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

it('own messages reach one peer under the own name', async () => {
  const shop = new Shop();
  const [first, second] = await shop.pair();
  expect(second.mesh.sendOwn(a, { type: 'tillmesh/copies', tips: {} })).toBe(true);
  expect(second.mesh.sendOwn(c, { type: 'tillmesh/copies', tips: {} })).toBe(false);
  await shop.clock.advance(10);
  expect(first.own).toEqual([{ type: 'tillmesh/copies', senderId: b, targetId: a, tips: {} }]);
});
