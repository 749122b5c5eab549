import { describe, expect, it } from 'vitest';
import type { JournalKey, StoreId } from '../domain/ids.ts';
import { genesisOf } from './genesis.ts';
import { catalogShards } from './catalog-shards.ts';
import { documentIdOf, names } from './names.ts';
import { DocumentRegistry, type DocumentRule } from './registry.ts';

const s01 = 'S01' as StoreId;
const journal = 'S01/T1/0123456789abcdef' as JournalKey;
const ruleOf = (registry: DocumentRegistry, name: string): DocumentRule | undefined =>
  registry.rule(documentIdOf(name));

describe('D3: the registry admits what roster and tips allow, and nothing else', () => {
  it('knows HQ’s documents of the company from the start', () => {
    const registry = new DocumentRegistry();
    expect([...registry.rules()].map(({ name }) => name).sort()).toEqual(
      [
        'org',
        'releases',
        ...Array.from({ length: catalogShards }, (_, n) => [
          `catalog/${n}`,
          `customer-terms/${n}`,
        ]).flat(),
      ].sort(),
    );
    expect(ruleOf(registry, names.org())).toMatchObject({ kind: 'hq', map: 'org' });
    expect(ruleOf(registry, names.catalog(3))).toMatchObject({ kind: 'hq', map: 'catalog' });
    expect(ruleOf(registry, names.releases())).toMatchObject({
      kind: 'records',
      list: 'releases',
      store: undefined,
      journal: undefined,
    });
    expect(ruleOf(registry, names.catalog(catalogShards))).toBeUndefined();
  });

  it('a store brings its roster, status and notices, once', () => {
    const registry = new DocumentRegistry();
    expect(ruleOf(registry, names.roster(s01))).toBeUndefined();
    registry.learnStore(s01);
    const before = [...registry.rules()];
    registry.learnStore(s01);
    expect([...registry.rules()]).toEqual(before);
    for (const list of ['roster', 'status', 'notices'] as const)
      expect(ruleOf(registry, names[list](s01))).toMatchObject({
        kind: 'records',
        list,
        store: s01,
      });
    expect([...registry.stores]).toEqual([s01]);
    expect(ruleOf(registry, names.roster('S02' as StoreId))).toBeUndefined();
  });

  it('a journal with segment n admits n + 1, and its inventory', () => {
    const registry = new DocumentRegistry();
    expect(registry.knowsJournal(journal)).toBe(false);
    registry.learnJournal(journal, 0);
    expect(registry.knowsJournal(journal)).toBe(true);
    expect(registry.journalRule(journal, 1)).toMatchObject({
      kind: 'journal',
      journal,
      segment: 1,
    });
    expect(registry.journalRule(journal, 2)).toBeUndefined();
    expect(ruleOf(registry, names.inventory(journal))).toMatchObject({
      kind: 'records',
      list: 'inventory',
      store: s01,
      journal,
    });
    registry.learnJournal(journal, 3);
    registry.learnJournal(journal, 1);
    expect([1, 2, 3, 4, 5].map((n) => registry.journalRule(journal, n)?.segment)).toEqual([
      1,
      2,
      3,
      4,
      undefined,
    ]);
    expect(registry.journalRule(journal, 0)).toBeUndefined();
    expect(registry.journalRule('S01/T2/0123456789abcdef' as JournalKey, 1)).toBeUndefined();
  });

  it('a day’s desk is admitted by name, once, and no other day with it', () => {
    const registry = new DocumentRegistry();
    expect(ruleOf(registry, names.desk(s01, '2026-01-15'))).toBeUndefined();
    const rule = registry.learnDesk(s01, '2026-01-15');
    expect(rule).toMatchObject({ kind: 'desk', store: s01, day: '2026-01-15' });
    expect(rule.genesis).toEqual(genesisOf('desk/S01/2026-01-15', 'list'));
    expect(registry.learnDesk(s01, '2026-01-15')).toBe(rule);
    expect(ruleOf(registry, names.desk(s01, '2026-01-15'))).toBe(rule);
    expect(ruleOf(registry, names.desk(s01, '2026-01-16'))).toBeUndefined();
    expect(ruleOf(registry, names.desk('S02' as StoreId, '2026-01-15'))).toBeUndefined();
  });

  it('D1, D2: every rule has the id and the genesis of its name, and no two share one', () => {
    const registry = new DocumentRegistry();
    registry.learnStore(s01);
    registry.learnJournal(journal, 5);
    registry.learnDesk(s01, '2026-01-15');
    const rules = [...registry.rules()];
    for (const rule of rules) {
      expect(rule.id).toBe(documentIdOf(rule.name));
      expect(rule.genesis).toEqual(genesisOf(rule.name, rule.kind === 'hq' ? 'map' : 'list'));
    }
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(new Set(rules.map(({ genesis }) => genesis.hash)).size).toBe(rules.length);
    expect(rules.length).toBeGreaterThan(2 * catalogShards + 5);
  });
});
