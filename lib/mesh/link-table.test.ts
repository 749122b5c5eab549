import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Link } from './link.ts';
import { choose, LinkTable } from './link-table.ts';

const name = fc.integer({ min: 1, max: 50 }).map((n) => `S01-T${n}-0000000000000001` as Principal);

it('both ends of a pair keep the same of two links, whoever dialled which', () => {
  fc.assert(
    fc.property(name, name, fc.boolean(), (me, peer, mineFirst) => {
      fc.pre(me !== peer);
      const instance = undefined;
      const mine = {
        me: { peer, dialled: true, instance },
        you: { peer: me, dialled: false, instance },
      };
      const yours = {
        me: { peer, dialled: false, instance },
        you: { peer: me, dialled: true, instance },
      };
      // Each end may have brought the two up in another order.
      const [old, next] = mineFirst ? [mine, yours] : [yours, mine];
      const keptByMe = choose(me, old.me, next.me) === 'old' ? old : next;
      const keptByYou = choose(peer, next.you, old.you) === 'old' ? next : old;
      expect(keptByMe).toBe(keptByYou);
    }),
  );
});

it('the same dialler again has lost its link: the new one stays, unless another process speaks', () => {
  const [me, peer] = ['S01-T1-0000000000000001', 'S01-T2-0000000000000001'] as [
    Principal,
    Principal,
  ];
  const link = (instance: string | undefined) => ({ peer, dialled: false, instance });
  expect(choose(me, link('one'), link('one'))).toBe('new');
  expect(choose(me, link(undefined), link('one'))).toBe('new');
  expect(choose(me, link('one'), link('two'))).toBe('otherProcess');
});

it('a terminal has room for few links, however many lives it begins', () => {
  const table = new LinkTable();
  const life = (n: number, terminal = 'T1') =>
    `S01-${terminal}-${n.toString(16).padStart(16, '0')}` as Principal;
  for (let n = 0; n < limits.linksPerTerminal; n++) {
    expect(table.hasRoomFor(life(n))).toBe(true);
    table.raise({ peer: life(n), dialled: false } as Link);
  }
  expect(table.hasRoomFor(life(99))).toBe(false);
  expect(table.hasRoomFor(life(99, 'T10'))).toBe(true);
});
