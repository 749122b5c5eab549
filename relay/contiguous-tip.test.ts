import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryHash } from '../lib/domain/ids.ts';
import { beginning, contiguousTip, hasFork, type ChainLink } from './contiguous-tip.ts';

const link = (seq: number, hash: string, prev: string): ChainLink => ({
  seq,
  hash: hash as EntryHash,
  prev: prev as EntryHash,
});
const chain = (name: string, from: ChainLink | undefined, to: number): ChainLink[] => {
  const links: ChainLink[] = [];
  let last = from;
  for (let seq = (from?.seq ?? 0) + 1; seq <= to; seq++) {
    last = link(seq, `${name}${seq}`, last?.hash ?? '-');
    links.push(last);
  }
  return links;
};

describe('contiguous tip', () => {
  const a = chain('a', undefined, 5);
  const b = chain('b', a[2], 6);
  it.each<[string, ChainLink[], { seq: number; hash: string }]>([
    ['nothing', [], { seq: 0, hash: '-' }],
    ['a whole chain', a, { seq: 5, hash: 'a5' }],
    ['a hole stops it', a.filter((each) => each.seq !== 3), { seq: 2, hash: 'a2' }],
    ['no beginning, no tip', a.slice(1), { seq: 0, hash: '-' }],
    [
      'a stranger at the end is not part of it',
      [...a, link(6, 'x6', 'x5')],
      { seq: 5, hash: 'a5' },
    ],
    ['the longer branch of a fork', [...a, ...b], { seq: 6, hash: 'b6' }],
    ['equal branches: the smaller hash', [...a, ...b.slice(0, 2)], { seq: 5, hash: 'a5' }],
  ])('%s', (_, links, tip) => {
    expect(contiguousTip(beginning, links)).toEqual(tip);
  });

  it('finds a fork only where two hashes share a seq', () => {
    expect(hasFork([...a, ...a])).toBe(false);
    expect(hasFork([...a, ...b])).toBe(true);
  });

  it('P4: is the same for every order, and from every earlier tip', () => {
    const all = [...a, ...b];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: 0, maxLength: all.length }),
        fc.nat(3),
        (links, startSeq) => {
          const whole = contiguousTip(beginning, links);
          const sorted = links.toSorted((x, y) => (x.hash < y.hash ? -1 : 1));
          expect(contiguousTip(beginning, sorted)).toEqual(whole);
          const from = a[startSeq - 1];
          if (from && whole.seq >= startSeq && startSeq <= 3) {
            expect(contiguousTip(from, links)).toEqual(whole);
          }
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
