import { describe, expect, it } from 'vitest';
import { readFilter } from './hq-filter.ts';

const filterOf = (query: string) => readFilter(new URLSearchParams(query)).filter;

describe('the filter of an address', () => {
  it('is what stands there', () => {
    expect(filterOf('store=S01&terminal=T2&type=SaleCompleted')).toEqual({
      store: 'S01',
      terminal: 'T2',
      type: 'SaleCompleted',
    });
    expect(filterOf('')).toEqual({});
    // What somebody else's link adds is nobody's.
    expect(filterOf('store=S01&after=x&limit=500&by=ann')).toEqual({ store: 'S01' });
    expect(readFilter(new URLSearchParams('limit=500')).limit).toBe(50);
  });

  it.each(['store=HQ', 'store=s01', 'terminal=<b>', 'type=__proto__', "type=a' or 1=1"])(
    '%s is none: everything is shown',
    (query) => {
      expect(filterOf(query)).toEqual({});
    },
  );
});
