import { expect, test } from 'vitest';
import type { EntryHash, JournalKey, Principal } from '#lib/domain/ids.ts';
import { lightOf, waitingOf } from './light.ts';

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566aa` as Principal,
  linked,
});
const own = (seq: number, atHq: number) => ({ own: { seq, onPeers: 0, atHq, archived: 0 } });
const tips = (seq: number) =>
  ({
    ['S01/T1/00112233445566aa' as JournalKey]: { seq, hash: 'a'.repeat(43) as EntryHash },
  }) as Record<JournalKey, { seq: number; hash: EntryHash }>;

test.each([
  ['alone', [], own(0, 0)],
  ['alone', [peer('S01-T2', false), peer('HQ-HQ1', false)], own(5, 5)],
  ['lan', [peer('S01-T2', true), peer('HQ-HQ1', false)], own(5, 5)],
  ['sending', [peer('HQ-HQ1', true)], own(5, 4)],
  ['sending', [peer('HQ-HQ1', true), peer('S01-T2', false)], own(5, 4)],
  ['apart', [peer('HQ-HQ1', true), peer('S01-T2', false)], own(5, 5)],
  ['complete', [peer('HQ-HQ1', true), peer('S01-T2', true)], own(5, 5)],
  ['complete', [peer('HQ-HQ1', true)], own(5, 5)],
] as const)('P10: the light of a register is %s (case %#)', (light, peers, copies) => {
  expect(lightOf({ role: 'register', peers, copies, tips: tips(9) })).toBe(light);
});

test.each([
  ['alone', [], 5],
  ['alone', [peer('S01-T1', false)], 5],
  ['sending', [peer('S01-T1', true)], 4],
  ['apart', [peer('S01-T1', true), peer('S01-T2', false)], 5],
  ['complete', [peer('S01-T1', true)], 5],
] as const)('P10: the light of a relay is %s (case %#)', (light, peers, archivedSeq) => {
  const archived = { archive: 'main', generation: 1, tips: tips(archivedSeq) };
  expect(lightOf({ role: 'relay', peers, tips: tips(5), archived })).toBe(light);
});

test.each([
  ['complete', 'archiving', 0],
  ['sending', 'archiving', 3],
  ['stuck', 'unreachable', 0],
  ['stuck', 'failing', 3],
  ['stuck', 'fenced', 3],
] as const)(
  'P10: the light of a relay is %s while its archive is %s and %i entries wait',
  (light, state, waiting) => {
    const archiving = { state, waiting, databaseReachable: state !== 'unreachable' };
    const status = {
      role: 'relay',
      peers: [peer('S01-T1', true)],
      tips: tips(5),
      archiving,
    } as const;
    expect(lightOf(status)).toBe(light);
    expect(waitingOf(status)).toBe(waiting);
  },
);

test('P10: what waits for an archive that has said nothing is everything', () => {
  expect(waitingOf({ role: 'relay', peers: [], tips: tips(5) })).toBe(5);
});
