import fc from 'fast-check';
import { isValidDocumentId } from '@automerge/automerge-repo/slim';
import { describe, expect, it } from 'vitest';
import type { JournalKey, Principal, StoreId } from '../domain/ids.ts';
import { catalogShards } from './catalog-shards.ts';
import { actorOf, actorPrefixOf, documentIdOf, names, shardOf } from './names.ts';

const s01 = 'S01' as StoreId;
const journal = 'S01/T1/0123456789abcdef' as JournalKey;
const principal = 'S01-T1-0123456789abcdef' as Principal;

describe('D1: known names', () => {
  // Literals: a changed name or id would make every till look for another document.
  it.each([
    [names.org(), 'org', '4BXDUhEba4aVvYgFnZUoDfaRZNLX'],
    [names.catalog(0), 'catalog/0', 'dWeeuRgh8s4hQYfkv3aBvTDVfmf'],
    [names.customerTerms(15), 'customer-terms/15', 'ZT2qr2HQvfGYaH93uZrfReHtxYw'],
    [names.releases(), 'releases', 'r3DwPdPWYRkp3wDt7Xb8HpfrotD'],
    [names.notices(s01), 'notices/S01', '42YtKS5djHB9nGCwU1YsZrxExgnF'],
    [names.roster(s01), 'roster/S01', '4XQamebzyvR1v8rsEA6HebybAVzy'],
    [names.journal(journal, 2), 'journal/S01/T1/0123456789abcdef/2', 'TNR1wjxJZ42rEx6pRnwCTWTkJKD'],
    [names.inventory(journal), 'inventory/S01/T1/0123456789abcdef', '2TFNP1SJetHVLLcTadvdNFN2dYMo'],
    [names.customers(3, 1), 'customers/3/1', 'oy8eYRQXgvLr9FadYnZz7kn9M3f'],
    [names.desk(s01, '2026-01-15'), 'desk/S01/2026-01-15', '4NZvs8RVsRELwpQZCJMAgup3f7Kz'],
    [names.status(s01), 'status/S01', '3hx9wS2oQQGhkvauLCvdJGjrQ8dp'],
  ])('%s is frozen', (name, text, id) => {
    expect(name).toBe(text);
    expect(documentIdOf(name)).toBe(id);
  });

  it('an id is a document’s, and the same on every call', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(isValidDocumentId(documentIdOf(a))).toBe(true);
        expect(documentIdOf(a) === documentIdOf(b)).toBe(a === b);
      }),
      { seed: 1 },
    );
  });

  it('J7: an actor’s first half is its principal’s, the second one process’s', () => {
    const random = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(actorOf(principal, random)).toBe(`${actorPrefixOf(principal)}0102030405060708`);
    expect(actorPrefixOf(principal)).toMatch(/^[0-9a-f]{16}$/);
    expect(actorPrefixOf('S01-T1-0123456789abcdee' as Principal)).not.toBe(
      actorPrefixOf(principal),
    );
  });

  it('products spread over all shards, and stay where they are', () => {
    const shards = Array.from({ length: 2_000 }, (_, n) => shardOf(`SKU-${n}`));
    expect(
      shards.every((shard) => Number.isInteger(shard) && shard >= 0 && shard < catalogShards),
    ).toBe(true);
    const sizes = Map.groupBy(shards, (shard) => shard);
    expect(sizes.size).toBe(catalogShards);
    for (const members of sizes.values()) expect(members.length).toBeLessThan(250);
    expect(['85123A', 'TEA', ''].map((code) => shardOf(code))).toEqual([15, 5, 6]);
  });
});
