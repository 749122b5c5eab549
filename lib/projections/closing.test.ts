import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bodies } from '../domain/bodies.ts';
import type { IncarnationId } from '../domain/ids.ts';
import { Closings } from './closing.ts';
import { Projections } from './projections.ts';
import { businessDay, SampleJournal } from './sample-entries.ts';

type Closing = Bodies['DayClosed'];

/** One life of a terminal with what has come to it of the others. */
class Life {
  readonly journal: SampleJournal;
  readonly models: Projections;
  /** How much of each journal is here. */
  readonly #seen = new Map<SampleJournal, number>();

  constructor(letter: string) {
    this.journal = new SampleJournal('T1', letter);
    const { store, key } = this.journal;
    this.models = Projections.open({ file: ':memory:', store, own: key });
  }

  sell(minor: number): void {
    this.journal.sell([{ code: 'P1', milli: 1000, minor }]);
    this.learn(this.journal, this.journal.seq);
  }

  learn(journal: SampleJournal, upTo: number): void {
    const from = this.#seen.get(journal) ?? 0;
    if (upTo <= from) return;
    this.models.fold(journal.entries.slice(from, upTo));
    this.#seen.set(journal, upTo);
  }

  /** As `decide` puts it down. */
  close(others: readonly Life[]): Closing {
    const keys = others.flatMap(({ journal }) => (this.#seen.has(journal) ? journal.key : []));
    const { lives, ...own } = this.models.toClose(keys);
    const all = [own, ...lives];
    const body: Closing = {
      number: this.journal.number('Z'),
      businessDay,
      documents: all.reduce((sum, { documents }) => sum + documents, 0),
      totalMinor: all.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
      currency: 'GBP',
      ...(lives.length > 0 && { lives }),
    };
    this.journal.write('DayClosed', body);
    this.learn(this.journal, this.journal.seq);
    return body;
  }
}

const names = ['A', 'B', 'C'] as const;
const whose = fc.constantFrom(0, 1, 2);
const step = fc.oneof(
  fc.record({ kind: fc.constant('sell' as const), life: whose, minor: fc.integer({ min: 1 }) }),
  // Whom the one that closes takes to be over is not the same everywhere.
  fc.record({ kind: fc.constant('close' as const), life: whose, over: fc.subarray([0, 1, 2]) }),
  fc.record({ kind: fc.constant('hear' as const), life: whose, of: whose, part: fc.nat(100) }),
);

const countedBy = (closings: readonly Closing[]) => ({
  documents: closings.reduce((sum, { documents }) => sum + documents, 0),
  totalMinor: closings.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
});

describe('closings of a terminal with several lives', () => {
  it('P9: count each sale once, in whatever order lives sell, close, die, are heard of and heard late', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), whose, (steps, last) => {
        const lives = names.map((letter) => new Life(letter));
        const at = (n: number): Life => {
          const life = lives[n];
          if (!life) throw new Error(`no life ${n}`);
          return life;
        };
        const othersOf = (n: number) => lives.filter((life) => life !== at(n));
        const closings: Closing[] = [];
        const sold = { documents: 0, totalMinor: 0 };
        for (const each of steps) {
          const life = at(each.life);
          if (each.kind === 'sell') {
            life.sell(each.minor);
            sold.documents++;
            sold.totalMinor += each.minor;
          } else if (each.kind === 'close') {
            closings.push(
              life.close(othersOf(each.life).filter((o) => each.over.includes(lives.indexOf(o)))),
            );
          } else {
            const { journal } = at(each.of);
            life.learn(journal, Math.ceil((journal.seq * each.part) / 100));
          }
        }
        for (const life of lives) for (const { journal } of lives) life.learn(journal, journal.seq);
        closings.push(at(last).close(othersOf(last)));
        expect(countedBy(closings)).toEqual(sold);
        for (const life of lives) {
          life.learn(at(last).journal, at(last).journal.seq);
          const others = lives.filter((one) => one !== life);
          expect(life.close(others)).toMatchObject({ documents: 0, totalMinor: 0 });
          for (const each of lives) each.learn(life.journal, life.journal.seq);
        }
        for (const { models } of lives) models.close();
      }),
      { numRuns: 30 },
    );
  });

  it('a life that closed the day, went on selling and died is counted by the one after it, and once', () => {
    const a = new Life('A');
    const b = new Life('B');
    a.sell(100);
    expect(a.close([])).toMatchObject({ documents: 1, totalMinor: 100 });
    a.sell(20);
    b.learn(a.journal, 2);
    b.sell(3);
    // Its last sale has not come yet.
    expect(b.close([a])).toMatchObject({ documents: 1, totalMinor: 3 });
    b.learn(a.journal, 3);
    const { incarnation } = a.journal;
    expect(b.close([a])).toMatchObject({
      documents: 1,
      totalMinor: 20,
      lives: [{ incarnation, documents: 1, totalMinor: 20, upTo: 3 }],
    });
    expect(b.close([a])).toMatchObject({ documents: 0, totalMinor: 0 });
  });

  it('a life of which somebody has counted more than is here waits for the rest', () => {
    const [a, b, c] = [new Life('A'), new Life('B'), new Life('C')];
    for (const minor of [1, 2, 4]) a.sell(minor);
    b.learn(a.journal, 2);
    b.close([a]);
    c.learn(a.journal, 1);
    c.learn(b.journal, 1);
    expect(c.close([a, b])).toMatchObject({ documents: 0, totalMinor: 0 });
    // With a hole in it there is no saying which of its documents were counted.
    c.models.fold(a.journal.entries.slice(2));
    expect(c.close([a, b])).toMatchObject({ documents: 0, totalMinor: 0 });
    c.models.fold(a.journal.entries);
    expect(c.close([a, b])).toMatchObject({ documents: 1, totalMinor: 4 });
  });

  it('no closing of a liar brings the figures out of what can be written down', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const own = '0'.repeat(16) as IncarnationId;
    const by = '1'.repeat(16) as IncarnationId;
    const lives = [{ incarnation: own, documents: most, totalMinor: -most }];
    const lies = Array.from({ length: 3 }, (_, n) => ({
      by,
      seq: n + 1,
      body: { documents: most, totalMinor: most, lives },
    }));
    const rest = new Closings(lies).restOf({
      incarnation: own,
      total: { documents: 1, totalMinor: 1 },
    });
    for (const figure of Object.values(rest)) {
      expect(Number.isSafeInteger(figure * 65)).toBe(true);
      expect(figure).not.toBe(0);
    }
  });
});
