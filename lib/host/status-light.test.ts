import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import type { Tip } from './services.ts';
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

const tips = (seq: number) =>
  ({
    ['S01/T1/00112233445566aa' as JournalKey]: { seq, hash: 'a'.repeat(43) as EntryHash },
  }) as Record<JournalKey, Tip>;

test.each([
  ['aloneSafe', [], 5],
  ['aloneSafe', [hq2], 5],
  ['aloneSafe', [away(t2)], 5],
  ['sending', [t2], 4],
  ['sending', [], 4],
  ['tillAway', [t2, away(t3)], 5],
  ['complete', [t2], 5],
] as const)('P10: a relay is %s (case %#)', (word, peers, archivedSeq) => {
  const archived = { archive: 'main', generation: 1, tips: tips(archivedSeq) };
  const light = statusLight({ role: 'relay', peers, tips: tips(5), archived });
  expect(light).toMatchObject({ word, waiting: waits(0, 0, 5 - archivedSeq) });
});

test.each([
  ['green complete', 'archiving', 0],
  ['orange sending', 'archiving', 3],
  ['red stuck', 'unreachable', 0],
  ['red stuck', 'failing', 3],
  ['red stuck', 'fenced', 3],
] as const)(
  'P10: a relay is %s while its archive is %s and %i entries wait',
  (light, state, waiting) => {
    const archiving = { state, waiting, databaseReachable: state !== 'unreachable' };
    const [colour, word] = light.split(' ');
    expect(statusLight({ role: 'relay', peers: [t2], tips: tips(5), archiving })).toMatchObject({
      colour,
      word,
      waiting: waits(0, 0, waiting),
    });
  },
);

test('P10: what waits for an archive that has said nothing is everything', () => {
  expect(statusLight({ role: 'relay', peers: [], tips: tips(5) }).waiting.forArchive).toBe(5);
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
  // Only a relay can be stuck.
  expect([...met, 'stuck'].sort()).toEqual(Object.keys(colourOf).sort());
});
