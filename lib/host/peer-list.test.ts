import { expect, test } from 'vitest';
import type { Principal } from '../domain/ids.ts';
import { PeerList } from './peer-list.ts';

const life = (terminal: string, n: number) => `${terminal}-${`${n}`.repeat(16)}` as Principal;
const own = life('HQ-HQ1', 0);
const [one, two, twoBefore] = [life('S01-T1', 1), life('S01-T2', 2), life('S01-T2', 3)];

test('a peer that is cut off stays in the list as gone, since when, until it is back', () => {
  let nowMs = 1_000;
  const peers = new PeerList({ wallMs: () => nowMs });
  const list = (...linked: Principal[]) => {
    peers.look(linked);
    return peers.list([own, one, twoBefore, two], linked, own);
  };
  expect(list(one)).toEqual([
    { principal: one, linked: true },
    { principal: two, linked: false },
  ]);
  list(one, two);
  nowMs = 2_000;
  const gone = [
    { principal: one, linked: true },
    { principal: two, linked: false, goneAtMs: 2_000 },
  ];
  expect(list(one)).toEqual(gone);
  nowMs = 3_000;
  expect(list(one)).toEqual(gone);
  expect(list(one, two).every(({ linked, goneAtMs }) => linked && goneAtMs === undefined)).toBe(
    true,
  );
});

test('earlier lives are not missing; one that is linked all the same is shown, a copy of the own terminal too', () => {
  const peers = new PeerList({ wallMs: () => 0 });
  const copy = life('HQ-HQ1', 9);
  expect(
    peers.list([own, copy, twoBefore, two], [], own).map(({ principal }) => principal),
  ).toEqual([two]);
  expect(peers.list([own, two], [twoBefore, copy], own)).toEqual([
    { principal: copy, linked: true },
    { principal: two, linked: false },
    { principal: twoBefore, linked: true },
  ]);
});
