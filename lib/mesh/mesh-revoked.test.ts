/** N9: what the mesh does with a peer whose key head office has revoked. */
import { describe, expect, it } from 'vitest';
import { a, b, principal, Shop, type Till } from '../../tests/simulation/bare-meshes.ts';
import type { StoreId } from '../domain/ids.ts';
import { barsInMemory } from './bars.ts';
import { encodeFrame } from './frames.ts';
import { addressed } from './greeting.ts';
import type { MeshOptions } from './mesh-options.ts';
import type { OwnContents } from './protocol.ts';
import { closing } from './protocol.ts';

const proof: OwnContents = {
  type: 'tillmesh/notices',
  store: 'S01' as StoreId,
  changes: [Uint8Array.of(1, 2, 3)],
};
const keyOfB = 'the key of S01-T2';

/** Revokes keys from the moment at which they are in the set. */
const obeying = (revoked: ReadonlySet<string>, told: OwnContents | undefined = proof) =>
  ({
    revocationOf: ({ terminalKey }) => (revoked.has(terminalKey) ? { proof: told } : undefined),
  }) satisfies Partial<MeshOptions>;

const whyOf = (till: Till) =>
  till.kinds('refused').map((event) => ('why' in event ? event.why : ''));

describe('a revoked peer', () => {
  it.each([
    ['whom it dials', [], [1]],
    ['that dials it', [2], []],
  ])(
    'N9: is cut off by the one %s, told why, and refused from then on; nobody is barred',
    async (_, ours, theirs) => {
      const shop = new Shop();
      const bars = barsInMemory();
      const revoked = new Set<string>();
      const first = shop.open(a, 1, ours, { bars, ...obeying(revoked) });
      const second = shop.open(b, 2, theirs);
      await shop.clock.advance(100);
      expect(first.mesh.peers).toEqual([b]);
      revoked.add(keyOfB);
      first.mesh.readmit();
      await shop.clock.advance(10);
      expect([first.mesh.peers, second.mesh.peers]).toEqual([[], []]);
      expect(second.own).toMatchObject([{ ...proof, senderId: a, targetId: b }]);
      expect(second.kinds('turnedAway')).toEqual([{ kind: 'turnedAway', peer: a, revoked: true }]);

      await shop.clock.advance(60_000);
      expect([first.mesh.peers, second.mesh.peers]).toEqual([[], []]);
      expect(second.own.length).toBeGreaterThan(2);
      expect(new Set(whyOf(first))).toEqual(new Set(['revoked']));
      expect([...first.kinds('hostile'), ...second.kinds('hostile')]).toEqual([]);
      expect([first.mesh.barred, second.mesh.barred, bars.load()]).toEqual([[], [], []]);
      if (theirs.length > 0)
        expect(second.mesh.dials).toMatchObject([{ peer: a, cause: 'revoked' }]);
      // No storm of dials: as with anybody who is not there.
      expect(second.own.length).toBeLessThan(25);

      first.mesh.disconnect();
      await shop.clock.advance(10);
      const again = shop.open(a, 1, ours, { bars, ...obeying(revoked) });
      await shop.clock.advance(30_000);
      expect([again.mesh.peers, second.mesh.peers]).toEqual([[], []]);
    },
  );

  it('N9: any life of the key is refused; another key under the same name is welcome, at the same address too', async () => {
    const shop = new Shop();
    const first = shop.open(a, 1, [2], obeying(new Set([keyOfB])));
    const second = shop.open(principal('T2', 7), 2, [1]);
    await shop.clock.advance(20_000);
    expect([first.mesh.peers, second.mesh.peers]).toEqual([[], []]);
    second.mesh.disconnect();
    await shop.clock.advance(10);
    const transport = shop.network.transport(principal('T2', 8), 'lan', 2, 'a new key');
    const replaced = shop.open(principal('T2', 8), 2, [], { transport });
    await shop.clock.advance(30_000);
    expect(first.mesh.peers).toEqual([principal('T2', 8)]);
    expect(replaced.mesh.peers).toEqual([a]);
  });

  it('where there is nothing to show, the code alone says it', async () => {
    const shop = new Shop();
    const first = shop.open(a, 1, [], { revocationOf: () => ({ proof: undefined }) });
    const second = shop.open(b, 2, [1]);
    await shop.clock.advance(5_000);
    expect([first.mesh.peers, second.own]).toEqual([[], []]);
    expect(second.kinds('turnedAway')[0]).toEqual({ kind: 'turnedAway', peer: a, revoked: true });
  });

  it('X3: the last word is taken from whoever is at the other end, and nothing else before a greeting', async () => {
    const shop = new Shop();
    const till = shop.open(a, 1, []);
    const wire = shop.network.transport(b, 'lan', 2);
    const say = async (contents: OwnContents, from = b, to = a) => {
      const dialled = wire.dial({ host: 'lan', port: 1 });
      await shop.clock.advance(5);
      const link = await dialled;
      link.send(encodeFrame(addressed(contents, from, to)));
      await shop.clock.advance(5);
    };
    await say(proof);
    expect(till.own).toHaveLength(1);
    expect(till.mesh.barred).toEqual([]);
    await say(proof, principal('T9'));
    expect(till.own).toHaveLength(1);
    expect(till.mesh.barred).toMatchObject([{ peer: b, code: 'FRAME_MALFORMED' }]);
    till.mesh.pardon(b);
    await say({ type: 'tillmesh/copies', tips: {} });
    expect(till.own).toHaveLength(1);
    expect(till.mesh.barred).toMatchObject([{ peer: b, code: 'FRAME_MALFORMED' }]);
  });

  it('the code is one of its own', () => {
    const codes = Object.values(closing).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(closing.revoked.code).toBe(4004);
  });
});
