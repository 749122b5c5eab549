/**
 * Checks everything that a stopped register or relay has on disk against its own signatures and sums, and names what
 * is damaged, edited, forked or missing. Reads only: not a byte of the directory is changed, and nothing is repaired.
 */
import { DocumentRegistry, type JournalRule } from '../documents/registry.ts';
import { names, documentIdOf } from '../documents/names.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { findingCodes } from '../domain/findings.ts';
import {
  journalKeyOf,
  parseJournalKey,
  type JournalKey,
  type SeriesLetter,
  type StoreId,
} from '../domain/ids.ts';
import {
  readNotice,
  revokedJournals,
  type Revocation,
  type RevokedJournal,
} from '../domain/revocation.ts';
import { fromBase64Url } from '../journal/bytes.ts';
import type { InventoryPeriod } from '../projections/inventory-period.ts';
import { contributionOf } from '../projections/contribution.ts';
import { hashOfStock } from '../projections/stock-hash.ts';
import { readPeriod } from '../replica/inventory-periods.ts';
import { JournalFiles } from '../replica/journal-files.ts';
import { Keyring } from '../replica/keyring.ts';
import type { WriterKey } from '../replica/segments.ts';
import type { ListedRecord } from '../replica/list-changes.ts';
import { lockDirectory } from '../storage/directory-lock.ts';
import { roleOfDirectory } from '../storage/directory-version.ts';
import type { Disk } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { ChainCache } from '../trust/chain-cache.ts';
import { IdentityStore } from '../trust/identity-store.ts';
import { openKeys, type KeysAtRest } from '../trust/key-seal.ts';
import { certificatesOf } from '../trust/pem.ts';
import {
  archivedIn,
  compareNumbers,
  compareSights,
  seriesOf,
  type ArchivedTip,
  type Proven,
} from './verify-across.ts';
import { noticedIn } from './finding-list.ts';
import { lookAtDirectory } from './directory-look.ts';
import { compareDirectories } from './verify-against.ts';
import { checkHqDocuments } from './verify-hq.ts';
import { checkPieces, readRecords } from './verify-documents.ts';
import { stockOfEntries, totalsOfEntries } from './verify-figures.ts';
import {
  checkOrder,
  proveEntries,
  readSegments,
  type FoundEntry,
  type Report,
} from './verify-journal.ts';
import { checkPeriods, stockHashFromPeriods, type PeriodsOfJournal } from './verify-periods.ts';
import { appliedRelease, compareModels } from './verify-projections.ts';
import {
  kindOfFinding,
  verificationOf,
  type Problem,
  type StoreReport,
  type Verification,
} from './verify-report.ts';

/** Problems that are listed; the rest is counted. */
const problemsMost = 200;

/**
 * @throws DIRECTORY_LOCKED while a process uses it, DIRECTORY_EMPTY where it is no data directory, DIRECTORY_NEWER,
 * NOT_ENROLLED, KEY_SEALED, and FILE_DAMAGED where the company's certificate cannot be read: without it nothing can be proven.
 */
export async function verifyDirectory(
  directory: string,
  { witness, against = [], keys = openKeys }: VerifyOptions = {},
): Promise<Verification> {
  return locked(directory, (role) => {
    const inspection = new Inspection(nodeDisk, directory, role, keys, witness);
    for (const other of against)
      inspection.compareWith(
        other,
        locked(other, (roleThere) => new Inspection(nodeDisk, other, roleThere, keys).journals()),
      );
    return inspection.run();
  });
}

export type VerifyOptions = {
  /** Where the till keeps what it notes outside its directory; absent: that is not looked at. */
  readonly witness?: string | undefined;
  /** How private keys lie on the disk; absent: in the open. */
  readonly keys?: KeysAtRest;
  /** Directories of other tills, of the relay, or backups: their journals are compared with these. */
  readonly against?: readonly string[];
};

function locked<Result>(directory: string, run: (role: string) => Result): Result {
  const role = roleOfDirectory(nodeDisk, directory);
  if (role === undefined) throw new TillmeshError('DIRECTORY_EMPTY', directory);
  // Every start makes the lock file; where there is none nobody runs, and none is left behind.
  const lock =
    nodeDisk.stat(`${directory}/lock.db`) === undefined ? undefined : lockDirectory(directory);
  try {
    return run(role);
  } finally {
    lock?.release();
  }
}

class Inspection {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #role: string;
  readonly #keys: KeysAtRest;
  readonly #problems: Problem[] = [];
  readonly #registry = new DocumentRegistry();
  readonly #keyring: Keyring;
  readonly #own: JournalKey | undefined;
  /** Journals of all lives that this directory lived. */
  readonly #lives = new Set<JournalKey>();
  #more = 0;
  readonly #witness: string | undefined;
  readonly #others: { readonly name: string; readonly journals: readonly Proven[] }[] = [];

  constructor(disk: Disk, directory: string, role: string, keys: KeysAtRest, witness?: string) {
    this.#witness = witness;
    this.#disk = disk;
    this.#directory = directory;
    this.#role = role;
    this.#keys = keys;
    const bytes = disk.read(`${directory}/identity/ca.pem`);
    if (bytes === undefined) throw new TillmeshError('NOT_ENROLLED', directory);
    const [caDer] = certificatesOf(new TextDecoder().decode(bytes));
    const chains = new ChainCache(caDer ?? new Uint8Array());
    this.#keyring = new Keyring((ders) => chains.verify(ders));
    this.#own = this.#readOwn();
  }

  compareWith(name: string, journals: readonly Proven[]): void {
    this.#others.push({ name, journals });
  }

  /** What is proven here, without a word of the rest. */
  journals(): Proven[] {
    const files = new JournalFiles(this.#disk, `${this.#directory}/journals`).list();
    for (const journal of files.keys()) {
      const { store } = parseJournalKey(journal);
      if (this.#registry.stores.has(store)) continue;
      this.#registry.learnStore(store);
      this.#records(names.roster(store));
    }
    return [...files].map(([journal, segments]) => this.#journal(journal, segments));
  }

  run(): Verification {
    if (this.#role === 'register') this.#look();
    checkPieces(this.#disk, this.#directory, this.#report);
    const files = new JournalFiles(this.#disk, `${this.#directory}/journals`).list();
    const stores = new Set([...files.keys()].map((journal) => parseJournalKey(journal).store));
    const own = this.#own && parseJournalKey(this.#own);
    // Where all journals are gone, head office's word and the read models are still there.
    if (own) stores.add(own.store);
    for (const store of stores) {
      this.#registry.learnStore(store);
      this.#records(names.roster(store));
    }
    const journals = [...files].map(([journal, segments]) => this.#journal(journal, segments));
    this.#missLiving(files);
    compareSights(journals, this.#archived(), this.#lives, this.#report);
    const periods = journals.map((one) => this.#periods(one));
    const series = journals.flatMap((one) => seriesOf(one, this.#report));
    for (const other of this.#others)
      compareDirectories(journals, other.journals, other.name, this.#report);
    compareNumbers(journals, this.#report);
    return verificationOf({
      directory: this.#directory,
      role: this.#role,
      journals: journals.map(({ report }, at) => ({
        ...report,
        periods: periods[at]?.periods.length ?? 0,
      })),
      series,
      stores: [...stores].map((store) => this.#store(store, journals, periods)),
      problems: this.#problems,
      noticed: noticedIn(this.#disk, this.#directory),
      more: this.#more,
    });
  }

  /** Rights, the seal of the last stop, the identity, the witness. */
  #look(): void {
    const found = lookAtDirectory({
      disk: this.#disk,
      directory: this.#directory,
      witnessDirectory: this.#witness,
      identity: this.#identity(),
      reading: 'whole',
    });
    for (const { code, where, seq, what } of found) {
      const more = code === 'WITNESS_GONE' ? this.#lookedForWitness() : what;
      this.#report({
        kind: kindOfFinding[code],
        where,
        what: more === undefined ? findingCodes[code] : `${findingCodes[code]} (${more})`,
        ...(seq === undefined ? {} : { seq }),
      });
    }
  }

  /** The till may keep it elsewhere, and nothing in its directory says where. */
  #lookedForWitness(): string {
    return `looked for in ${this.#witness ?? ''}: where this till was started with another --witness, give the same one here`;
  }

  readonly #report: Report = (problem) => {
    if (this.#problems.length < problemsMost) this.#problems.push(problem);
    else this.#more++;
  };

  /** The journal that the living incarnation writes. */
  #readOwn(): JournalKey | undefined {
    const identity = this.#identity();
    try {
      const enrolled = identity.enrolled();
      if (enrolled)
        for (const { incarnation } of identity.past())
          this.#lives.add(journalKeyOf({ ...enrolled, incarnation }));
      const living = identity.living();
      if (!living) return undefined;
      this.#keyring.learn(living.chain, living.letter);
      const own = journalKeyOf(living.identity);
      // A relay has an identity and writes no journal.
      if (this.#role !== 'register') return undefined;
      this.#lives.add(own);
      return own;
    } catch (error) {
      if (!isTillmeshError(error) || error.code === 'KEY_SEALED') throw error;
      this.#report({ kind: 'damaged', where: 'identity', what: error.message });
      return undefined;
    }
  }

  #identity(): IdentityStore {
    return new IdentityStore(this.#disk, `${this.#directory}/identity`, this.#keys);
  }

  /** The living incarnation leaves a mark before its first entry; with it and without a journal, the journal was lost. */
  #missLiving(files: ReadonlyMap<JournalKey, unknown>): void {
    if (!this.#own || files.has(this.#own)) return;
    if (!this.#identity().hasSpoken(parseJournalKey(this.#own).incarnation)) return;
    const what = 'the journal of this till is gone: the next start begins a new series of numbers';
    this.#report({ kind: 'missing', where: `journals/${this.#own}`, what });
  }

  #records(name: string): ListedRecord[] {
    const rule = this.#registry.rule(documentIdOf(name));
    if (rule?.kind !== 'records') return [];
    const parts = { disk: this.#disk, directory: this.#directory, keyring: this.#keyring };
    return readRecords(parts, rule, this.#report);
  }

  // ---- One journal

  #journal(journal: JournalKey, segments: readonly number[]): Proven {
    const before = this.#problems.length + this.#more;
    this.#registry.learnJournal(journal, segments.at(-1) ?? 0);
    const rules = new Map<number, JournalRule>();
    const pieces = segments.flatMap((segment) => {
      const rule = this.#registry.journalRule(journal, segment);
      if (!rule) return [];
      rules.set(segment, rule);
      const where = `journals/${journal}/${segment}.changes`;
      const bytes = this.#disk.read(`${this.#directory}/${where}`) ?? new Uint8Array();
      return [{ rule, where, bytes }];
    });
    const found = readSegments(pieces, this.#report);
    const writer = this.#writer(journal, found);
    const proven = writer ? proveEntries(journal, found, writer, this.#report) : [];
    const { gaps, forked } = checkOrder(rules, found, proven, this.#report);
    const entries = proven.map(({ read }) => read);
    const states = entries.map(({ entry }) => contributionOf(entry).state);
    return {
      journal,
      entries,
      gaps: gaps || proven.length < found.length,
      report: {
        journal,
        own: journal === this.#own,
        segments,
        entries: entries.length,
        first: entries[0]?.entry.seq ?? 0,
        last: entries.at(-1)?.entry.seq ?? 0,
        tip: entries.at(-1)?.hash ?? '-',
        forked,
        unknown: states.filter((state) => state === 'unknown').length,
        refused: states.filter((state) => state === 'refused').length,
        periods: 0,
        problems: this.#problems.length + this.#more - before,
      },
    };
  }

  /** The writer by the chain in the first entry, or by the roster where that one is not here. */
  #writer(journal: JournalKey, found: readonly FoundEntry[]): WriterKey | undefined {
    const first = found.find(({ read }) => read.entry.seq === 1);
    const { chain, letter } = first?.read.entry.body ?? {};
    if (first && Array.isArray(chain)) {
      const ders = chain.map((text) => fromBase64Url(String(text)) ?? new Uint8Array());
      try {
        this.#keyring.learn(ders, letter as SeriesLetter);
      } catch (error) {
        if (!isTillmeshError(error)) throw error;
        this.#report({ kind: 'untrusted', where: first.where, seq: 1, what: error.message });
      }
    }
    const writer = this.#keyring.writer(journal);
    if (!writer) {
      const what = 'neither its first entry nor the roster names its writer: nothing can be proven';
      this.#report({ kind: 'untrusted', where: `journals/${journal}`, what });
    }
    return writer;
  }

  // ---- Across journals

  /** What head office signed as archived, of every store here. */
  #archived(): ArchivedTip[] {
    return [...this.#registry.stores].flatMap((store) =>
      archivedIn(this.#records(names.status(store))),
    );
  }

  #periods({ journal, entries }: Proven): PeriodsOfJournal {
    const where = names.inventory(journal);
    const periods = this.#records(where).flatMap(({ fields }): InventoryPeriod[] => {
      const period = readPeriod(fields);
      if (!period) this.#report({ kind: 'damaged', where, what: 'a record that is no period' });
      return period ? [period] : [];
    });
    const list = { journal, where, periods, entries };
    return { ...list, periods: checkPeriods(list, this.#report) };
  }

  // ---- One store

  /** Journals of keys that head office has revoked, as its notices say. */
  #revoked(store: StoreId): RevokedJournal[] {
    const where = names.notices(store);
    const revocations = this.#records(where).flatMap(({ fields }): Revocation[] => {
      const read = readNotice(fields, store);
      if (read.kind === 'invalid') this.#report({ kind: 'damaged', where, what: read.problem });
      return read.kind === 'revocation' ? [read.revocation] : [];
    });
    return revokedJournals(revocations, this.#keyring.members());
  }

  #store(
    store: StoreId,
    journals: readonly Proven[],
    periods: readonly PeriodsOfJournal[],
  ): StoreReport {
    const isOfStore = ({ journal }: { journal: JournalKey }): boolean =>
      parseJournalKey(journal).store === store;
    const entries = journals.filter(isOfStore).flatMap((one) => one.entries);
    const stock = stockOfEntries(entries);
    const stockHash = hashOfStock(stock);
    const ofPeriods = stockHashFromPeriods(periods.filter(isOfStore));
    if (ofPeriods !== stockHash)
      this.#report({
        kind: 'differs',
        where: `inventory/${store}`,
        what: `stock from periods has the hash ${ofPeriods}, from journals ${stockHash}`,
      });
    const name = this.#role === 'relay' ? `projections-${store}.db` : 'projections.db';
    const file = `${this.#directory}/${name}`;
    const revoked = this.#revoked(store);
    checkHqDocuments(
      {
        disk: this.#disk,
        directory: this.#directory,
        registry: this.#registry,
        keyring: this.#keyring,
        releases: this.#records(names.releases()),
        applied: appliedRelease(file),
      },
      this.#report,
    );
    const models = compareModels({ file, where: name, store, entries, revoked }, this.#report);
    return { store, skus: stock.length, stockHash, totals: totalsOfEntries(entries), ...models };
  }
}
