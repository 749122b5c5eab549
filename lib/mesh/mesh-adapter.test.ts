/** Links of the mesh: how they come about, which stays, how they come back. Offences stand in mesh-offences.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { a, b, c, Shop, sync } from '../../tests/simulation/bare-meshes.ts';
import type { Principal } from '../domain/ids.ts';
import { peerIdOf } from './protocol.ts';

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
    expect(waits.length).toBeLessThan(40);
    waits.forEach((waitMs, n) => {
      const fullMs = Math.min(10_000, 500 * 2 ** n);
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

  it('what waits for whom and why: tries, cause and the next try of each address', async () => {
    const shop = new Shop();
    const till = shop.open(b, 2, [1]);
    await shop.clock.advance(20_000);
    const [waits] = till.mesh.dials;
    const last = till.kinds('dialFailed').at(-1);
    expect(waits).toMatchObject({ port: 1, failures: till.kinds('dialFailed').length });
    expect(waits).toHaveProperty('cause', last && 'cause' in last ? last.cause : undefined);
    expect(waits).not.toHaveProperty('peer');
    // It is tried again when it says so, and not before.
    const inMs = waits?.nextInMs ?? 0;
    expect(inMs).toBeGreaterThan(0);
    const tried = till.kinds('dialFailed').length;
    await shop.clock.advance(Math.floor(inMs) - 1);
    expect(till.kinds('dialFailed')).toHaveLength(tried);
    shop.open(a, 1, []);
    await shop.clock.advance(30_000);
    expect(till.mesh.dials).toEqual([
      expect.not.objectContaining({ nextInMs: expect.anything() as number }),
    ]);
    expect(till.mesh.dials).toMatchObject([{ peer: a }]);

    // Somebody whom this till refuses is not dialled, and it says why.
    till.mesh.cut(a);
    await shop.clock.advance(60_000);
    expect(till.mesh.refusal(a)).toBe('cut');
    expect(till.mesh.dials[0]).not.toHaveProperty('nextInMs');
    till.mesh.heal(a);
    await shop.clock.advance(1_000);
    expect([till.mesh.refusal(a), till.mesh.peers]).toEqual([undefined, [a]]);
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

describe('P3: one identity, two processes', () => {
  it('a copy of a linked till raises one alarm and never takes its link', async () => {
    const shop = new Shop();
    const [first, second] = await shop.pair();
    const copy = shop.open(b, 3, [1]);
    // The first one answers, so nothing has to be waited for; the copy is told why it gets no link.
    await shop.clock.advance(1_000);
    expect(first.kinds('doubleIdentity')).toHaveLength(1);
    expect(copy.kinds('turnedAway')[0]).toMatchObject({ peer: a, identity: true });
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

it('own messages reach one peer under the own name', async () => {
  const shop = new Shop();
  const [first, second] = await shop.pair();
  expect(second.mesh.sendOwn(a, { type: 'tillmesh/copies', tips: {} })).toBe(true);
  expect(second.mesh.sendOwn(c, { type: 'tillmesh/copies', tips: {} })).toBe(false);
  await shop.clock.advance(10);
  expect(first.own).toEqual([{ type: 'tillmesh/copies', senderId: b, targetId: a, tips: {} }]);
});
