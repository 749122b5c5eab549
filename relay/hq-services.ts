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
import type { DeviceRevocation, TerminalDevice } from '../lib/host/hq-terminals.ts';
import type { StatusServices } from '../lib/host/services.ts';
import type { SignInDesk } from '../lib/host/sign-in.ts';
import { documentView } from '../lib/replica/document-view.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import {
  readDocumentsPage,
  readOpenJoinCodes,
  readOperatorNames,
  readRevokers,
} from './archived-documents.ts';
import type { Database } from './database.ts';
import { freeRange, type EnrollingTills } from './enrolling-tills.ts';
import type { HqDirectory } from './hq-directory.ts';
import { HqHealth, nextTerminal } from './hq-health.ts';
import { documentOfEntry, hqReceipt, inStore } from './hq-receipts.ts';
import { hqReleases } from './hq-releases.ts';
import { inTime } from './in-time.ts';
import type { NameHolders } from './name-holders.ts';
import type { RelayServices } from './relay-routes.ts';
import type { Relay } from './relay.ts';
import { archivingOf } from './services.ts';
import { TerminalDetails } from './terminal-details.ts';

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
  readonly services: StatusServices &
    Pick<
      RelayServices,
      | 'newJoinCode'
      | 'revoke'
      | 'replace'
      | 'grantEnrolling'
      | 'withdrawJoinCode'
      | 'pardon'
      | 'barred'
    >;
  /** Numbers that tills give. */
  readonly enrolling: Pick<EnrollingTills, 'granted' | 'grants'>;
  readonly names: Pick<NameHolders, 'unheard'>;
  /** Where tills reach this relay. */
  readonly syncPort: () => number;
  /** For the log: who let a till in. */
  readonly onEnrolling: (by: string, store: StoreId, terminal: TerminalId) => void;
};

export function hqServices(parts: HqServicesParts): HqServices {
  const { relay, directory, signIn, database, clock, services } = parts;
  const health = new HqHealth({ relay, directory, clock });
  const details = new TerminalDetails({
    relay,
    health,
    grants: (store) => parts.enrolling.grants(store),
  });

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

  type Named = { readonly store: StoreId; readonly terminal: TerminalId };
  /** Numbers that are somebody's, as far as that is known without asking who was promised one long ago. */
  const taken = (store: StoreId, codes: readonly Named[] = []): TerminalId[] => [
    ...health.tills(store).map(({ terminal }) => terminal),
    ...codes.filter((code) => code.store === store).map(({ terminal }) => terminal),
    ...parts.enrolling.granted(store),
  ];

  const manages = (by: string, store: StoreId): boolean => storesOf(by).includes(store);

  /** With who asked for them, as far as the database can say. */
  async function withRevokers<Revoked extends DeviceRevocation>(
    stores: readonly StoreId[],
    revocations: readonly (readonly [StoreId, Revoked])[],
  ): Promise<Revoked[]> {
    const known =
      revocations.length > 0 ? await askArchive((from) => readRevokers(from, stores)) : undefined;
    const asked = revocations.map(([store, revocation]) => {
      const operator = known?.get(`${store} ${revocation.ofKey}`);
      // A relay of before had it from the notices, which do not say who.
      return { store, operator: operator === 'notices' ? undefined : operator, revocation };
    });
    const people = asked.flatMap(({ store, operator }) =>
      operator === undefined ? [] : [{ store, operator }],
    );
    const names =
      people.length > 0 ? await askArchive((from) => readOperatorNames(from, people)) : undefined;
    return asked.map(({ store, operator, revocation }) => {
      if (operator === undefined) return revocation;
      const byName = names?.get(`${store}/${operator}`);
      return { ...revocation, by: operator, ...(byName !== undefined && { byName }) };
    });
  }

  /** With the names of those who looked at what a till had found, as far as the database can say. */
  async function withLookers(
    store: StoreId,
    devices: readonly TerminalDevice[],
  ): Promise<TerminalDevice[]> {
    const all = devices.flatMap(({ findings }) => findings.flatMap(({ checked }) => checked ?? []));
    const people = [...new Set(all.map(({ by }) => by))].map((operator) => ({ store, operator }));
    const names =
      people.length > 0 ? await askArchive((from) => readOperatorNames(from, people)) : undefined;
    return devices.map((device) => ({
      ...device,
      findings: device.findings.map(({ checked, ...finding }) => {
        const byName = checked && names?.get(`${store}/${checked.by}`);
        return {
          ...finding,
          ...(checked && { checked: { ...checked, ...(byName !== undefined && { byName }) } }),
        };
      }),
    }));
  }

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
      const [codes, unheard] = await Promise.all([
        askArchive((from) => readOpenJoinCodes(from, stores, nowMs)),
        askArchive(() => parts.names.unheard(stores)),
      ]);
      const given = [...(codes ?? []), ...(unheard ?? [])];
      const revoked = stores.map((store) => details.revoked(store));
      const told = await withRevokers(
        stores,
        stores.flatMap((store, n) => (revoked[n] ?? []).map((one) => [store, one] as const)),
      );
      return {
        nowMs,
        stores: stores.map((store, n) => {
          const name = directory.nameOf(store);
          const all = health.tills(store);
          const next = nextTerminal(taken(store, given).map((terminal) => ({ terminal })));
          return {
            store,
            ...(name !== undefined && { name }),
            tills: all.filter((till) => !till.revoked),
            revoked: told.splice(0, revoked[n]?.length ?? 0),
            next,
          };
        }),
        ...(codes && { codes }),
      };
    },

    releases: (by) =>
      hqReleases(
        relay,
        storesOf(by).map((store) => {
          const name = directory.nameOf(store);
          const tills = health.tills(store).filter((till) => !till.revoked);
          return { store, ...(name !== undefined && { name }), tills };
        }),
        clock.wallMs(),
      ),

    async terminal(by, store, terminal) {
      if (!manages(by, store)) return undefined;
      const devices = details.devices(store, terminal);
      const at = now();
      const [codes, all = []] = await Promise.all([
        askArchive((from) => readOpenJoinCodes(from, [store], at.nowMs)),
        askArchive(() => parts.names.unheard([store])),
      ]);
      const unheard = all.filter((one) => one.terminal === terminal);
      if (devices.length + unheard.length === 0) return undefined;
      const revoked = devices.filter((device) => device.revocation);
      const told = await withRevokers(
        [store],
        revoked.flatMap(({ revocation }) => (revocation ? [[store, revocation] as const] : [])),
      );
      const looked = await withLookers(store, devices);
      const name = directory.nameOf(store);
      return {
        ...at,
        store,
        ...(name !== undefined && { name }),
        terminal,
        devices: looked.map((device, n) => {
          const revocation = told[revoked.indexOf(devices[n] as TerminalDevice)];
          return revocation ? { ...device, revocation } : device;
        }),
        ...(unheard.length > 0 && { unheard: unheard.map(({ terminalKey }) => terminalKey) }),
        entriesHere: details.entriesHere(store),
        ...(codes && { codes: codes.filter((code) => code.terminal === terminal) }),
        freeRange: freeRange(taken(store, [...(codes ?? []), ...all])),
      };
    },

    async enrol(by, store, terminal) {
      if (!storesOf(by).includes(store)) {
        return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      }
      let made;
      try {
        made = await services.newJoinCode(store, terminal);
      } catch (error) {
        if (isTillmeshError(error, 'NAME_IN_USE'))
          return { outcome: 'refused', ...refusal('NAME_IN_USE', error.detail) };
        if (isTillmeshError(error, 'ENROLLING_ELSEWHERE'))
          return { outcome: 'refused', ...refusal('NUMBER_GIVEN_BY_TILL', error.detail) };
        throw error;
      }
      const { code, expiresAtMs } = made;
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

    async grant(by, range) {
      if (!manages(by, range.store)) return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      try {
        await services.grantEnrolling(range);
        return { outcome: 'done', ...range };
      } catch (error) {
        if (isTillmeshError(error, 'PEER_UNKNOWN'))
          return { outcome: 'refused', ...refusal('TERMINAL_UNKNOWN') };
        if (isTillmeshError(error, 'ENROLLING_TAKEN'))
          return { outcome: 'refused', ...refusal('RANGE_TAKEN', error.detail) };
        throw error;
      }
    },

    async withdrawCode(by, store, id) {
      if (!manages(by, store)) return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      return (await services.withdrawJoinCode(store, id))
        ? { outcome: 'done' }
        : { outcome: 'refused', ...refusal('JOIN_CODE_GONE') };
    },

    async replace(by, ask) {
      if (!manages(by, ask.store)) return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      const replacing = await services.replace(ask, by);
      if (replacing.outcome === 'refused') return replacing;
      if ('code' in replacing) parts.onEnrolling(by, ask.store, ask.terminal);
      return { ...replacing, syncPort: parts.syncPort() };
    },

    barredHere(by) {
      const stores = storesOf(by);
      return services.barred().filter(({ terminal }) => stores.includes(storeOf(terminal)));
    },
    pardonHere(by, terminal) {
      if (!storesOf(by).includes(storeOf(terminal)))
        return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      services.pardon(terminal, by);
      return { outcome: 'done' };
    },
  };
}

/** Of `S01-T2`. */
const storeOf = (terminal: string): StoreId => terminal.slice(0, terminal.indexOf('-')) as StoreId;

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
