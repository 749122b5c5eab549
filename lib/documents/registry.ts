/**
 * Which documents may exist here, and by what rule each is written. Derived from the store, the roster and known tips alone;
 * an id that is not in it is answered "unavailable" without a handle, memory or a closed link.
 */
import type { DocumentId } from '@automerge/automerge-repo/slim';
import { parseJournalKey, type JournalKey, type StoreId } from '../domain/ids.ts';
import { genesisOf, type DocumentForm, type Genesis } from './genesis.ts';
import { catalogShards } from './catalog-shards.ts';
import { documentIdOf, names } from './names.ts';

/** Lists of signed records. */
export type RecordListKind = 'roster' | 'status' | 'releases' | 'notices' | 'inventory';
/** Maps of encoded blobs that HQ alone decides. */
export type HqMapKind = 'org' | 'catalog' | 'customer-terms';

type Common = { readonly id: DocumentId; readonly name: string; readonly genesis: Genesis };
export type JournalRule = Common & {
  readonly kind: 'journal';
  readonly journal: JournalKey;
  readonly segment: number;
};
export type RecordListRule = Common & {
  readonly kind: 'records';
  readonly list: RecordListKind;
  /** Undefined: company-wide. */
  readonly store: StoreId | undefined;
  /** The only journal whose writer may append, where there is one. */
  readonly journal: JournalKey | undefined;
};
export type HqMapRule = Common & { readonly kind: 'hq'; readonly map: HqMapKind };
/** What the tills of a store have in hand on a day: a list of signed edits, each chained to its writer's one before. */
export type DeskRule = Common & {
  readonly kind: 'desk';
  readonly store: StoreId;
  /** A calendar date, `2026-11-20`. */
  readonly day: string;
};
export type DocumentRule = JournalRule | RecordListRule | HqMapRule | DeskRule;

export class DocumentRegistry {
  readonly #rules = new Map<DocumentId, DocumentRule>();
  readonly #segments = new Map<JournalKey, number>();
  /** By journal, segment 1 first: asked for every tip of every peer, and a document id is three hashes. */
  readonly #journalRules = new Map<JournalKey, JournalRule[]>();
  readonly #stores = new Set<StoreId>();

  constructor() {
    this.#records('releases', names.releases(), undefined, undefined);
    this.#hq('org', names.org());
    for (let shard = 0; shard < catalogShards; shard++) {
      this.#hq('catalog', names.catalog(shard));
      this.#hq('customer-terms', names.customerTerms(shard));
    }
  }

  get stores(): ReadonlySet<StoreId> {
    return this.#stores;
  }

  rule(id: DocumentId): DocumentRule | undefined {
    return this.#rules.get(id);
  }

  learnStore(store: StoreId): void {
    if (this.#stores.has(store)) return;
    this.#stores.add(store);
    this.#records('roster', names.roster(store), store, undefined);
    this.#records('status', names.status(store), store, undefined);
    this.#records('notices', names.notices(store), store, undefined);
  }

  /** Admits the segments up to and with the one after `tipSegment` (0: nothing known yet). */
  learnJournal(journal: JournalKey, tipSegment: number): void {
    const { store } = parseJournalKey(journal);
    const admitted = this.#segments.get(journal);
    if (admitted === undefined)
      this.#records('inventory', names.inventory(journal), store, journal);
    for (let segment = (admitted ?? 0) + 1; segment <= tipSegment + 1; segment++) {
      const name = names.journal(journal, segment);
      const genesis = genesisOf(name, 'list');
      const id = documentIdOf(name);
      const rule: JournalRule = { kind: 'journal', id, name, genesis, journal, segment };
      this.#rules.set(id, rule);
      const rules = this.#journalRules.get(journal);
      if (rules) rules.push(rule);
      else this.#journalRules.set(journal, [rule]);
      this.#segments.set(journal, segment);
    }
  }

  /** Admits the desk of one day. Which days are plausible is decided by the own clock alone: see `Desks`. */
  learnDesk(store: StoreId, day: string): DeskRule {
    const name = names.desk(store, day);
    const common = this.#common(name, 'list');
    const known = this.#rules.get(common.id);
    if (known?.kind === 'desk') return known;
    const rule: DeskRule = { kind: 'desk', store, day, ...common };
    this.#rules.set(rule.id, rule);
    return rule;
  }

  /** Desks that are spoken of no more: a process that runs for months must not admit every day that it saw. */
  forgetDesks(isOver: (rule: DeskRule) => boolean): void {
    for (const rule of this.#rules.values())
      if (rule.kind === 'desk' && isOver(rule)) this.#rules.delete(rule.id);
  }

  knowsJournal(journal: JournalKey): boolean {
    return this.#segments.has(journal);
  }

  /** The rule of one segment; undefined where it is not admitted. */
  journalRule(journal: JournalKey, segment: number): JournalRule | undefined {
    return this.#journalRules.get(journal)?.[segment - 1];
  }

  *rules(): IterableIterator<DocumentRule> {
    yield* this.#rules.values();
  }

  #common(name: string, form: DocumentForm): Common {
    return { id: documentIdOf(name), name, genesis: genesisOf(name, form) };
  }
  #records(
    list: RecordListKind,
    name: string,
    store: StoreId | undefined,
    journal: JournalKey | undefined,
  ): void {
    const common = this.#common(name, 'list');
    this.#rules.set(common.id, { kind: 'records', list, store, journal, ...common });
  }
  #hq(map: HqMapKind, name: string): void {
    const common = this.#common(name, 'map');
    this.#rules.set(common.id, { kind: 'hq', map, ...common });
  }
}
