/**
 * Head office as its screens see it: plain values out of this relay's read models and its archive, of the stores that
 * the asking person manages and of no others.
 */
import type { Clock } from '../lib/domain/clock.ts';
import { isTillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import { refusal } from '../lib/domain/refusals.ts';
import type {
  HqDocument,
  HqDocuments,
  HqDocumentsAsk,
  HqServices,
} from '../lib/host/hq-services.ts';
import type { StatusServices } from '../lib/host/services.ts';
import type { SignInDesk } from '../lib/host/sign-in.ts';
import { documentView } from '../lib/replica/document-view.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import { readDocumentsPage, readOpenJoinCodes, readOperatorNames } from './archived-documents.ts';
import type { Database } from './database.ts';
import type { HqDirectory } from './hq-directory.ts';
import { HqHealth, nextTerminal } from './hq-health.ts';
import { documentOfEntry, hqReceipt, inStore } from './hq-receipts.ts';
import { inTime } from './in-time.ts';
import type { RelayServices } from './relay-routes.ts';
import type { Relay } from './relay.ts';
import { archivingOf } from './services.ts';

/** Undefined where the database does not answer; any other fault is thrown. */
export type AskArchive = <Answer>(
  ask: (database: Database) => Promise<Answer>,
) => Promise<Answer | undefined>;

export type HqServicesParts = {
  readonly relay: Relay;
  readonly directory: HqDirectory;
  readonly signIn: SignInDesk;
  readonly database: Database;
  readonly clock: Clock;
  readonly archiving: () => ArchiveWriter['state'];
  readonly refilledFrom: () => number | undefined;
  readonly services: StatusServices & Pick<RelayServices, 'newJoinCode' | 'revoke'>;
  /** Numbers that tills give. */
  readonly granted: (store: StoreId) => readonly TerminalId[];
  /** Where tills reach this relay. */
  readonly syncPort: () => number;
  /** For the log: who let a till in. */
  readonly onEnrolling: (by: string, store: StoreId, terminal: TerminalId) => void;
};

export function hqServices(parts: HqServicesParts): HqServices {
  const { relay, directory, signIn, database, clock, services } = parts;
  const health = new HqHealth({ relay, directory, clock });

  const askArchive: AskArchive = async (ask) => {
    // It has just been found away: a screen does not wait for it once more.
    if (parts.archiving().kind === 'unreachable') return undefined;
    try {
      return await inTime(clock, limits.archiveAnswerMs, ask(database));
    } catch (error) {
      if (!isTillmeshError(error, 'DATABASE_UNREACHABLE')) throw error;
      return undefined;
    }
  };

  /** A store that was taken off the list keeps its read models here, and is nobody's any more. */
  const storesOf = (by: string): StoreId[] =>
    directory
      .storesOf(by)
      .filter((store) => relay.stores.includes(store))
      .toSorted();

  const now = () => ({
    nowMs: clock.wallMs(),
    archiving: archivingOf(relay, parts.archiving(), parts.refilledFrom()),
  });

  return {
    status: () => services.status(),
    onChange: (listener) => services.onChange(listener),
    metrics: () => services.metrics(),

    operators: () => signIn.operators(),
    pinWaits: () => signIn.pinWaits(),
    operator: (id) => signIn.operator(id),
    personMark: (id) => signIn.personMark(id),
    signIn: (operator, pin) => signIn.signIn(operator, pin),
    unlock: (operator, by) => signIn.unlock(operator, by),

    overview: (by) => ({
      ...now(),
      stores: health.stores(storesOf(by)),
    }),
    store(by, code) {
      const store = storesOf(by).includes(code) ? health.store(code) : undefined;
      return store && { ...now(), store };
    },

    async documents(by, ask) {
      const all = storesOf(by);
      const stores = ask.store === undefined ? all : all.filter((store) => store === ask.store);
      const page = await askArchive((from) => readDocumentsPage(from, stores, ask));
      if (!page) return newestHere(relay, stores, ask);
      const documents = page.documents.flatMap(({ read }) => documentOfEntry(read) ?? []);
      return {
        source: 'archive',
        documents: await named(askArchive, documents.map(inStore)),
        ...(page.next !== undefined && { next: page.next }),
      };
    },

    async receipt(by, store, number, hash) {
      if (!storesOf(by).includes(store)) return undefined;
      const currency = directory.currencyOf(store);
      const found = await hqReceipt({ relay, askArchive, currency }, store, number, hash);
      return found && (await named(askArchive, [found]))[0];
    },

    async terminals(by) {
      const nowMs = clock.wallMs();
      const stores = storesOf(by);
      const codes = await askArchive((from) => readOpenJoinCodes(from, stores, nowMs));
      return {
        nowMs,
        stores: stores.map((store) => {
          const name = directory.nameOf(store);
          const tills = health.tills(store);
          const promised = (codes ?? []).filter((code) => code.store === store);
          const granted = parts.granted(store).map((terminal) => ({ terminal }));
          const next = nextTerminal([...tills, ...promised, ...granted]);
          return { store, ...(name !== undefined && { name }), tills, next };
        }),
        ...(codes && { codes }),
      };
    },

    async enrol(by, store, terminal) {
      if (!storesOf(by).includes(store)) {
        return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      }
      const { code, expiresAtMs } = await services.newJoinCode(store, terminal);
      parts.onEnrolling(by, store, terminal);
      const syncPort = parts.syncPort();
      return { outcome: 'done', store, terminal, code, expiresAtMs, syncPort };
    },

    async revoke(by, ask) {
      // A store of somebody else, head office's own too.
      if (!storesOf(by).includes(ask.store))
        return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      return services.revoke(ask, by);
    },
  };
}

/** With the names of those who made them; a name that is not to be had now is no reason to show nothing. */
async function named<Document extends HqDocument>(
  askArchive: AskArchive,
  documents: readonly Document[],
): Promise<readonly Document[]> {
  const people = new Map(
    documents.map(({ store, operator }) => [`${store}/${operator}`, { store, operator }]),
  );
  const names = await askArchive((from) => readOperatorNames(from, [...people.values()]));
  return documents.map((document) => {
    const operatorName = names?.get(`${document.store}/${document.operator}`);
    return { ...document, ...(operatorName !== undefined && { operatorName }) };
  });
}

/** What this relay holds by itself; how far back it goes on is the archive's to say. */
function newestHere(
  relay: Relay,
  stores: readonly StoreId[],
  { terminal, type, limit }: HqDocumentsAsk,
): HqDocuments {
  // A filter is looked for among this many of each store: there is no index for it here.
  const looked = terminal === undefined && type === undefined ? limit : 10 * limit;
  const documents = stores
    .flatMap((store) => relay.readSide(store)?.models.newestDocuments(looked) ?? [])
    .map((row) => inStore(documentView(row)))
    .filter((one) => terminal === undefined || one.terminal === terminal)
    .filter((one) => type === undefined || one.type === type)
    .toSorted((a, b) => b.wallMs - a.wallMs)
    .slice(0, limit);
  return { source: 'relay', documents };
}
