import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Principal } from '../domain/ids.ts';
import { colourOf, statusLight, type LightWord } from './status-light.ts';

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566aa` as Principal,
  linked,
});
const [t2, t3, hq, hq2] = [
  peer('S01-T2', true),
  peer('S01-T3', true),
  peer('HQ-HQ1', true),
  peer('HQ-HQ2', true),
];
const away = (who: ReturnType<typeof peer>) => ({ ...who, linked: false });
const waits = (onlyHere: number, forHq: number, forArchive: number) => ({
  onlyHere,
  forHq,
  forArchive,
});
const none = waits(0, 0, 0);

test.each([
  ['green complete: all tills, HQ, nothing waits', [t2, t3, hq], none],
  ['green complete: a single-till store expects no LAN', [hq], none],
  ['green complete: one of two relays is enough', [t2, hq, away(hq2)], none],
  ['orange sending: HQ lacks documents', [t2, hq], waits(0, 3, 3)],
  ['orange sending: HQ has them, the archive not yet', [t2, hq], waits(0, 0, 3)],
  ['orange sending: a single till has just sold', [hq], waits(1, 1, 1)],
  ['orange sending: waiting goes before a till that is away', [away(t2), hq], waits(0, 1, 1)],
  ['orange tillAway: HQ has everything', [t2, away(t3), hq], none],
  ['blue lan: HQ is away', [t2, away(hq)], waits(0, 12, 12)],
  ['blue lan: HQ is away and one till too', [t2, away(t3), away(hq)], none],
  ['blue lan: HQ was never met', [t2], waits(0, 12, 12)],
  ['blue lan: just sold, the other till has not confirmed yet', [t2], waits(1, 1, 1)],
  ['blue aloneSafe: everything has a copy elsewhere', [away(t2), away(hq)], waits(0, 5, 5)],
  ['blue aloneSafe: nothing was sold yet', [], none],
  ['red alone: documents exist here only', [away(t2), away(hq)], waits(1, 5, 5)],
  ['red alone: a single till without HQ', [away(hq)], waits(2, 2, 2)],
] as const)('P10: %s', (title, peers, waiting) => {
  const [colour, word] = title.slice(0, title.indexOf(':')).split(' ');
  expect(statusLight({ role: 'register', peers, waiting })).toMatchObject({ colour, word });
});

test('it counts tills without HQ, and tells what it was made of', () => {
  expect(statusLight({ role: 'register', peers: [t2, away(t3), hq], waiting: none })).toEqual({
    colour: 'orange',
    word: 'tillAway',
    tillsLinked: 1,
    tillsExpected: 2,
    hqLinked: true,
    waiting: none,
  });
});

test.each([
  ['complete', [t2]],
  ['aloneSafe', []],
  ['aloneSafe', [hq2]],
] as const)('a relay is %s (case %#)', (word, peers) => {
  expect(statusLight({ role: 'relay', peers }).word).toBe(word);
});

test('P10: red means nobody is linked and something exists here only, green that nothing waits, whatever the rest', () => {
  const link = fc.boolean();
  const count = fc.constantFrom(0, 1, 700);
  const met = new Set<LightWord>();
  fc.assert(
    fc.property(
      fc.array(link, { maxLength: 4 }),
      fc.array(link, { maxLength: 2 }),
      count,
      count,
      count,
      (tills, relays, onlyHere, forHq, forArchive) => {
        const peers = [
          ...tills.map((linked, n) => peer(`S01-T${n + 2}`, linked)),
          ...relays.map((linked, n) => peer(`HQ-HQ${n + 1}`, linked)),
        ];
        const light = statusLight({
          role: 'register',
          peers,
          waiting: { onlyHere, forHq, forArchive },
        });
        met.add(light.word);
        expect(light.colour === 'red').toBe(!peers.some(({ linked }) => linked) && onlyHere > 0);
        if (light.colour === 'green') {
          expect(forHq + forArchive).toBe(0);
          expect(tills.every(Boolean) && relays.some(Boolean)).toBe(true);
        }
        if (light.colour === 'blue') expect(light.hqLinked).toBe(false);
      },
    ),
    { seed: 3, numRuns: 500 },
  );
  expect([...met].sort()).toEqual(Object.keys(colourOf).sort());
});
