import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagId } from './flags.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 10 });

describe('P5: a flag has one id everywhere', () => {
  it('is its kind and subject', () => {
    expect(flagId('oversell', '85123A')).toBe('oversell|85123A');
    expect(flagId('over-refund', ['S01/T1/00ff', 17, 0])).toBe('over-refund|S01/T1/00ff|17|0');
  });

  it('different subjects have different ids', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        fc.pre(a.length > 0 && b.length > 0);
        const same = flagId('oversell', a) === flagId('oversell', b);
        expect(same).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    expect(flagId('oversell', ['a|b'])).not.toBe(flagId('oversell', ['a', 'b']));
    expect(flagId('oversell', ['a\\', 'b'])).not.toBe(flagId('oversell', ['a\\|b']));
  });
});
