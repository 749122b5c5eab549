import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { SampleJournal } from './testing/sample-entries.ts';

describe('when entries arrived', () => {
  it('is the time of the first batch that brought them, and of no other journal', () => {
    const [a, b] = [new SampleJournal('T1'), new SampleJournal('T2')];
    const arrivals = new Arrivals();
    const first = a.sales(3);
    arrivals.note(first, 1_000);
    arrivals.note(a.sales(2), 2_000);
    arrivals.note(first, 3_000);
    arrivals.note([], 4_000);
    expect([1, 3, 4, 5, 6].map((seq) => arrivals.of(a.key, seq))).toEqual([
      1_000,
      1_000,
      2_000,
      2_000,
      undefined,
    ]);
    expect(arrivals.of(b.key, 1)).toBeUndefined();
  });

  it('forgets the oldest beyond its bound', () => {
    const journal = new SampleJournal();
    const arrivals = new Arrivals(10);
    for (let n = 1; n <= 11; n++) arrivals.note(journal.sales(1), n);
    expect(arrivals.of(journal.key, 1)).toBeUndefined();
    expect(arrivals.of(journal.key, 2)).toBe(2);
    expect(arrivals.of(journal.key, 11)).toBe(11);
  });
});
