import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PeerView } from '#lib/host/till-services.ts';
import { meshPicture, node } from './mesh-picture.ts';

const peer = (name: string, isRelay: boolean): PeerView => ({
  principal: `${isRelay ? 'HQ' : 'S01'}-${name}-00112233445566aa`,
  terminal: name,
  isRelay,
  linked: true,
  cut: false,
  dials: [],
  waiting: 0,
});
const peers = (tills: number, relays: number): PeerView[] => [
  ...Array.from({ length: relays }, (_, n) => peer(`HQ${n + 1}`, true)),
  ...Array.from({ length: tills }, (_, n) => peer(`T${n + 2}`, false)),
];

test('head office stands above this till, the others below, and alone it is alone', () => {
  const { self, peers: placed, notDrawn } = meshPicture(peers(2, 1), 640);
  const [hq, ...tills] = placed;
  expect(hq?.y).toBeLessThan(self.y);
  expect(tills.every(({ y }) => y > self.y)).toBe(true);
  expect(notDrawn).toBe(0);
  expect(meshPicture([], 640)).toMatchObject({ peers: [], notDrawn: 0 });
});

test('nothing is cut off, nobody covers anybody, and who is not drawn is counted', () => {
  let left = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 300, max: 1_200 }),
      (tills, relays, width) => {
        const all = peers(tills, relays);
        const picture = meshPicture(all, width);
        expect(picture.peers.length + picture.notDrawn).toBe(all.length);
        left += picture.notDrawn;
        const boxes = [picture.self, ...picture.peers];
        for (const [n, { x, y }] of boxes.entries()) {
          expect(x - node.width / 2).toBeGreaterThanOrEqual(0);
          expect(x + node.width / 2).toBeLessThanOrEqual(width);
          expect(y + node.height / 2).toBeLessThanOrEqual(picture.height);
          for (const other of boxes.slice(n + 1)) {
            const apart =
              Math.abs(x - other.x) >= node.width || Math.abs(y - other.y) >= node.height;
            expect(apart).toBe(true);
          }
        }
        // A line behind somebody's box would look like his.
        for (const { peer: own, from, to } of picture.peers) {
          for (let part = 0.02; part < 1; part += 0.02) {
            const [x, y] = [from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part];
            const covered = picture.peers.filter(
              (other) =>
                other.peer !== own &&
                Math.abs(x - other.x) < node.width / 2 &&
                Math.abs(y - other.y) < node.height / 2,
            );
            expect(covered).toEqual([]);
          }
        }
      },
    ),
    { seed: 5, numRuns: 300 },
  );
  expect(left).toBeGreaterThan(0);
});

test('where not all fit, those that are missing are drawn', () => {
  const missing = [peer('T8', false), peer('T9', false)].map((one) => ({ ...one, linked: false }));
  const drawn = meshPicture([...peers(6, 1), ...missing], 328).peers.map(({ peer: one }) => one);
  expect(drawn).toHaveLength(5);
  expect(drawn).toEqual(expect.arrayContaining(missing));
});
