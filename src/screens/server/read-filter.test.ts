import { describe, expect, it } from 'vitest';
import { hqDocumentsQuery } from '#lib/host/hq-schemas.ts';
import { readFilter } from './read-filter.ts';

const names = ['store', 'terminal', 'type'];
const read = (query: string) => readFilter(new URLSearchParams(query), names, hqDocumentsQuery);

describe('the filter of an address', () => {
  it('is what stands there', () => {
    expect(read('store=S01&terminal=T2&type=SaleCompleted').filter).toEqual({
      store: 'S01',
      terminal: 'T2',
      type: 'SaleCompleted',
    });
    expect(read('')).toEqual({ filter: {}, limit: 50, isMisread: false });
    // What somebody else's link adds is nobody's.
    const others = read('store=S01&after=x&limit=500&by=ann');
    expect(others).toEqual({ filter: { store: 'S01' }, limit: 50, isMisread: false });
  });

  it.each(['store=HQ', 'store=s01', 'terminal=<b>', 'type=__proto__', "type=a' or 1=1"])(
    '%s is none: everything is shown, and that is told',
    (query) => {
      expect(read(query)).toEqual({ filter: {}, limit: 50, isMisread: true });
    },
  );
});
