/**
 * Random histories of a small shop, as data that fast-check can shrink: sales, returns, deliveries, counts, links that
 * are cut, clocks that are wrong, forks, bad bodies. Used by tests alone.
 */
import fc from 'fast-check';
import { actTypes } from '../domain/acts.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { SampleJournal } from './sample-entries.ts';

const codes = ['P1', 'P2', 'P3'] as const;

const actNames = actTypes.filter((type) => type !== 'OperatorUnlocked');

export type Step = {
  readonly kind:
    | 'sell'
    | 'return'
    | 'adjust'
    | 'count'
    | 'see'
    | 'observe'
    | 'unknown'
    | 'bad'
    | 'again'
    | 'act';
  /** Which till, and which other one it sees or gives back a sale of. */
  readonly till: number;
  readonly other: number;
  readonly code: number;
  readonly units: number;
  /** How far the till's clock is from the shop's, in seconds. */
  readonly offsetS: number;
  readonly batch: boolean;
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('sell' as const) },
    { weight: 2, arbitrary: fc.constant('return' as const) },
    { weight: 2, arbitrary: fc.constant('adjust' as const) },
    { weight: 3, arbitrary: fc.constant('count' as const) },
    { weight: 6, arbitrary: fc.constant('see' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('observe' as const, 'unknown' as const, 'bad' as const),
    },
    { weight: 1, arbitrary: fc.constant('again' as const) },
    { weight: 2, arbitrary: fc.constant('act' as const) },
  ),
  till: fc.nat(2),
  other: fc.nat(2),
  code: fc.nat(codes.length - 1),
  units: fc.integer({ min: 1, max: 9 }),
  offsetS: fc.constantFrom(0, 0, 0, -90, 20, 400),
  batch: fc.boolean(),
});

export const shopHistory = fc.array(step, { minLength: 1, maxLength: 50, size: 'max' });

/** Three tills that did these things one after the other; a `see` brings the other's tip into the till's next entry. */
export function history(steps: readonly Step[]): SampleJournal[] {
  const tills = ['T1', 'T2', 'T3'].map((terminal) => new SampleJournal(terminal));
  const seen = tills.map(() => new Set<SampleJournal>());
  /** What each till has seen of each: a copy of the other's journal as it was then. */
  const known = tills.map(() => new Map<SampleJournal, SampleJournal>());
  let nowMs = 10_000_000;
  for (const one of steps) {
    const till = tills[one.till];
    const other = tills[one.other];
    const pending = seen[one.till];
    const mine = known[one.till];
    if (!till || !other || !pending || !mine) continue;
    nowMs += 7_000;
    if (one.kind === 'see') {
      if (other !== till && other.seq > 0) {
        const copy = other.fork();
        mine.set(other, copy);
        pending.add(other);
      }
      continue;
    }
    const saw = [...pending].flatMap((journal) => mine.get(journal) ?? []);
    pending.clear();
    act(till, other, one, { saw, atMs: nowMs + one.offsetS * 1000 }, [...mine.values()]);
  }
  return tills;
}

function act(
  till: SampleJournal,
  other: SampleJournal,
  { kind, code, units, batch }: Step,
  options: { saw: SampleJournal[]; atMs: number },
  known: readonly SampleJournal[],
): VerifiedEntry {
  const line = {
    code: codes[code] ?? 'P1',
    milli: units * 1000,
    ...(batch && code === 2 && { batch: 'L1' }),
  };
  switch (kind) {
    case 'return':
      return till.giveBack(
        { journal: other.key, seq: Math.max(1, other.seq - units + 1) },
        [{ ...line, ofLine: units % 2 }],
        options,
      );
    case 'adjust':
      return till.adjust([line], options);
    case 'count':
      // The shelf was read a little before the entry; half of the counts know of all that their till had seen.
      return till.count(
        [{ ...line, seen: units % 2 ? [...known, till] : [till], atMs: options.atMs - 1000 }],
        options,
      );
    case 'observe':
      return till.write(...observed(units, other), options);
    case 'unknown':
      return till.write('DrawerKicked', { why: 'later version' }, options);
    case 'act':
      return till.act(actNames[units % actNames.length] ?? 'DrawerOpened', other, options);
    case 'bad':
      return till.write('SaleCompleted', { number: 'not a number', lines: 'none' }, options);
    case 'again':
      return till.sell([line], { ...options, command: 'pressed-twice' });
    default:
      return till.sell([line, { code: 'P2', milli: 1000 }], options);
  }
}

/** Of all that a till may notice: what settles is among it. */
function observed(
  units: number,
  other: SampleJournal,
): [type: string, body: Record<string, unknown>] {
  const peer = other.key.replaceAll('/', '-');
  if (units % 4 === 0) return ['ForeignWriteRefused', { peer, code: 'OVER_LIMIT' }];
  if (units % 4 === 1) return ['PeerPardoned', { peer, code: 'OVER_LIMIT' }];
  return ['ClockOffsetSeen', { peer, offsetMs: (units - 3) * 20_000 }];
}
