/**
 * Head office in memory for tests of its screens and routes: two stores, tills that come and go, sales, an archive that
 * can be away. Nothing of it reaches a disk or a network, and no process serves it.
 */
import type { MoneyDocument } from '../domain/bodies.ts';
import {
  parsePrincipal,
  type EntryHash,
  type JournalKey,
  type Principal,
  type StoreId,
} from '../domain/ids.ts';
import { TillmeshError } from '../domain/errors.ts';
import { refusal } from '../domain/refusals.ts';
import type { Alarm } from './alarms.ts';
import { fakeServices } from './fake-services.ts';
import { fakeTerminals, type FakeTerminals } from './fake-hq-terminals.ts';
import { fakeOperators, fakePins } from './fake-people.ts';
import type {
  Custody,
  HqDocument,
  HqReceipt,
  HqServices,
  SalesToday,
  StoreHealth,
  TillHealth,
} from './hq-services.ts';
import type { Archiving, Status } from './services.ts';
import type { SignIn } from './till-services.ts';

export type FakeHq = HqServices &
  Pick<FakeTerminals, 'join' | 'restore' | 'sellBeyond' | 'takeCode' | 'find' | 'failCodes'> & {
    /** Sold at a till just now, for so many minor units; a negative amount is a return. Its number. */
    sell(terminal: string, amountMinor: number): string;
    /** These and no others. */
    alarm(alarms: readonly Alarm[]): void;
    link(terminal: string, linked: boolean): void;
    /** The database answers, or does not. */
    reach(isReachable: boolean): void;
  };

export type FakeHqOptions = {
  readonly nowMs?: number;
  /** Without one nothing has been sold yet. */
  readonly sales?: readonly (readonly [terminal: string, hour: number, amountMinor: number])[];
  readonly stores?: readonly string[];
  readonly hasReleases?: boolean;
};

const zone = 'Europe/London';
const noon = Date.UTC(2026, 10, 20, 12, 0);
const names: Readonly<Record<string, string>> = { S01: 'Harbour Street', S02: 'Market Square' };
const principals = [
  'S01-T1-00112233445566a1',
  'S01-T2-00112233445566a2',
  'S01-T3-00112233445566a3',
  'S02-T1-00112233445566b1',
] as Principal[];

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const hashOf = (n: number): EntryHash =>
  Array.from({ length: 43 }, (_, at) => letters.charAt((n * 31 + at * 7) % 64)).join(
    '',
  ) as EntryHash;
const shortOf = (principal: Principal): string => principal.slice(0, principal.lastIndexOf('-'));

export function fakeHqServices(options: FakeHqOptions = {}): FakeHq {
  const nowMs = options.nowMs ?? noon;
  const stores = (options.stores ?? ['S01', 'S02']) as StoreId[];
  const here = principals.filter((one) => stores.includes(parsePrincipal(one).store));
  const away = new Set<string>(['S01-T3']);
  const documents: (HqDocument & { readonly hour: number })[] = [];
  let isReachable = true;
  let wrong = 0;

  const archiving = (): Archiving => ({
    state: isReachable ? 'archiving' : 'unreachable',
    databaseReachable: isReachable,
    waiting: isReachable ? 0 : documents.length,
    ...(!isReachable && { fault: { sinceMs: nowMs - 60_000, reason: 'no answer' } }),
  });
  /** A device that has another's name is linked as soon as it has joined. */
  const isLinked = (principal: Principal): boolean =>
    !away.has(principal) && !(away.has(shortOf(principal)) && principals.includes(principal));
  const standing = (): Principal[] => here.filter((one) => !terminals.isRevoked(one));
  const peers = (): Status['peers'] =>
    standing().map((principal) => ({ principal, linked: isLinked(principal) }));
  const terminals = fakeTerminals({
    nowMs,
    stores,
    nameOf: (store) => names[store],
    here,
    health: (principal) => till(principal),
    documentsOf: (principal) => writtenBy(principal).map(({ number }) => number),
    tills: (store) => tills(store),
    isReachable: () => isReachable,
    archiving: () => archiving(),
    unlink: (principal) => away.add(principal),
    tell: () => tell(),
  });
  const base = fakeServices({
    role: 'relay',
    store: 'HQ',
    terminal: 'HQ1',
    peers: peers(),
    archiving: archiving(),
    flags: {},
  });
  const tell = (): void => base.change({ peers: peers(), archiving: archiving() });

  function record(terminal: string, hour: number, amountMinor: number, wallMs: number): string {
    const principal = standing().findLast((one) => shortOf(one) === terminal);
    if (!principal) throw new TillmeshError('PEER_UNKNOWN', terminal);
    const { store, terminal: till, incarnation } = parsePrincipal(principal);
    const isReturn = amountMinor < 0;
    const journal = `${store}/${till}/${incarnation}` as JournalKey;
    const seq = documents.filter(({ key }) => key.journal === journal).length + 2;
    const number = `${terminal}A-${isReturn ? 'R' : 'S'}-${seq - 1}`;
    documents.push({
      store,
      key: { journal, seq },
      hash: hashOf(documents.length + 1),
      type: isReturn ? 'ReturnCompleted' : 'SaleCompleted',
      number,
      businessDay: '2026-11-20',
      wallMs,
      zone,
      terminal: till,
      operator: 'ann',
      operatorName: 'Amina Testerley',
      totalMinor: amountMinor,
      currency: 'EUR',
      lines: 1,
      hour,
    });
    return number;
  }
  for (const [terminal, hour, amountMinor] of options.sales ?? [])
    record(terminal, hour, amountMinor, Date.UTC(2026, 10, 20, hour, 10 + (documents.length % 45)));

  const totalsOf = (those: typeof documents) =>
    those.length === 0
      ? []
      : [
          {
            currency: 'EUR',
            sales: those.filter(({ totalMinor }) => totalMinor >= 0).length,
            returns: those.filter(({ totalMinor }) => totalMinor < 0).length,
            totalMinor: those.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
          },
        ];

  function today(store: StoreId): SalesToday {
    const own = documents.filter((one) => one.store === store);
    const byHour = Map.groupBy(own, ({ hour }) => hour);
    const hours = [...byHour].toSorted(([a], [b]) => a - b);
    return {
      day: '2026-11-20',
      zone,
      totals: totalsOf(own),
      hours: hours.map(([hour, those]) => ({ hour, totals: totalsOf(those) })),
    };
  }

  function till(principal: Principal): TillHealth {
    const { store, terminal } = parsePrincipal(principal);
    const n = here.filter((one) => parsePrincipal(one).store === store).indexOf(principal);
    const linked = isLinked(principal);
    const same = standing().filter((one) => shortOf(one) === shortOf(principal));
    return {
      terminal,
      principal,
      letter: 'A',
      terminalKey: principal.slice(-16).repeat(4),
      lives: n === 1 ? 2 : 1,
      linked,
      heardAtMs: linked ? nowMs - 2_000 : nowMs - 45 * 60_000,
      ...(linked && {
        version: '0.1.0',
        latencyMs: 3 + 4 * n,
        clockOffsetMs: n === 1 ? -74_000 : 120,
        notHere: 0,
      }),
      notArchived: isReachable ? 0 : writtenBy(principal).length,
      forked: false,
      ...(terminals.openFindings(principal) > 0 && {
        filesChanged: terminals.openFindings(principal),
      }),
      ...(same.length > 1 && { devices: same.length }),
    };
  }

  const writtenBy = (principal: Principal): typeof documents => {
    const { store, terminal, incarnation } = parsePrincipal(principal);
    const journal = `${store}/${terminal}/${incarnation}` as JournalKey;
    return documents.filter(({ key }) => key.journal === journal);
  };

  const tills = (store: StoreId): readonly TillHealth[] =>
    standing()
      .filter((principal) => parsePrincipal(principal).store === store)
      .filter(
        (principal, n, all) =>
          all.findLastIndex((one) => shortOf(one) === shortOf(principal)) === n,
      )
      .map(till);

  const health = (store: StoreId): StoreHealth => ({
    store,
    ...(names[store] !== undefined && { name: names[store] }),
    tills: tills(store),
    flags: store === 'S01' ? 2 : 0,
    notArchived: tills(store).reduce((sum, till) => sum + till.notArchived, 0),
    today: today(store),
  });

  function plain({ ...document }: HqDocument & { hour?: number }): HqDocument {
    delete document.hour;
    return document;
  }
  const newest = (): typeof documents =>
    documents.toSorted((a, b) => b.wallMs - a.wallMs || (a.hash < b.hash ? 1 : -1));

  function receipt(document: (typeof documents)[number]): HqReceipt {
    const { totalMinor, number, key, hash, wallMs } = document;
    const principal = here.find((one) => shortOf(one) === `${document.store}-${document.terminal}`);
    if (!principal) throw new TillmeshError('PEER_UNKNOWN', document.terminal);
    const netMinor = Math.round(totalMinor / 1.2);
    const body: MoneyDocument = {
      number,
      businessDay: document.businessDay,
      currency: 'EUR',
      lines: [
        {
          sku: 'GI0001' as MoneyDocument['lines'][number]['sku'],
          name: 'Brass Lantern, small',
          quantityMilli: totalMinor < 0 ? -1_000 : 1_000,
          unitPriceE4: Math.abs(totalMinor) * 100,
          amountMinor: totalMinor,
          tax: 'standard',
        },
      ],
      taxes: [{ rate: 'standard', percentE4: 200_000, netMinor, taxMinor: totalMinor - netMinor }],
      totalMinor,
      roundingMinor: 0,
      tenders: [{ kind: 'cash', amountMinor: totalMinor }],
    };
    const holders = here.map(shortOf).filter((one) => one.startsWith(document.store));
    const custody: Custody = {
      journal: key.journal,
      seq: key.seq,
      hash,
      principal,
      letter: 'A',
      isHere: true,
      arrivedAtMs: wallMs + 180,
      archived: true,
      isArchiveAsked: isReachable,
      ...(isReachable && { prev: hashOf(0), archivedAtMs: wallMs + 420 }),
      holders,
      forked: false,
    };
    return {
      ...plain(document),
      body,
      returnedMilli: [0],
      weighed: [false],
      copies: { tills: holders.length, atHq: true, archived: true },
      custody,
    };
  }

  return {
    ...base,
    operators: () => fakeOperators.filter(({ roles }) => roles.includes('manager')),
    pinWaits: () => [],
    // Everybody, so that tests can sign in somebody who is a manager no longer.
    operator: (id) => fakeOperators.find((one) => one.id === id),
    unlock: (id, by) => id !== by && fakeOperators.some((one) => one.id === id),
    signIn(id, pin): Promise<SignIn> {
      if (!isReachable) return Promise.reject(new TillmeshError('DATABASE_UNREACHABLE'));
      const operator = fakeOperators.find((one) => one.id === id);
      if (operator && fakePins[id] === pin) return Promise.resolve({ outcome: 'done', operator });
      wrong += 1;
      return Promise.resolve(
        wrong < 5
          ? { outcome: 'refused', code: 'PIN_WRONG' }
          : { outcome: 'refused', code: 'PIN_DELAYED', retryAfterMs: 5_000 },
      );
    },

    overview: () => ({ nowMs, archiving: archiving(), stores: stores.map(health) }),
    store: (_by, store) =>
      stores.includes(store) ? { nowMs, archiving: archiving(), store: health(store) } : undefined,
    documents(_by, { store, terminal, type, after, limit }) {
      const found = newest()
        .filter((one) => store === undefined || one.store === store)
        .filter((one) => terminal === undefined || one.terminal === terminal)
        .filter((one) => type === undefined || one.type === type);
      const from = isReachable ? Number(after ?? 0) || 0 : 0;
      const end = from + limit;
      return Promise.resolve({
        source: isReachable ? 'archive' : 'relay',
        documents: found.slice(from, end).map(plain),
        ...(isReachable && end < found.length && { next: String(end) }),
      });
    },
    receipt(_by, store, number, hash) {
      const found = documents.find(
        (one) =>
          one.store === store && one.number === number && (hash === undefined || one.hash === hash),
      );
      return Promise.resolve(found && receipt(found));
    },
    ...terminals,
    releases: () => ({
      nowMs,
      releases: [3, 2, 1].slice(options.hasReleases === false ? 3 : 0).map((n) => ({
        n,
        signedBy: 'HQ-HQ1-00112233445566cc' as Principal,
        // The first one by a relay of before, whose issuing key was another one.
        ...(n > 1 && { issuerKey: 'c0ffee11'.repeat(8), atMs: nowMs - (4 - n) * 3_600_000 }),
        changed: n === 1 ? ['org', 'catalog/0', 'catalog/1', 'customer-terms/4'] : ['catalog/7'],
      })),
      stores: stores.map((store) => ({
        store,
        ...(names[store] !== undefined && { name: names[store] }),
        tills: tills(store).map(({ terminal, linked }, n) => ({
          terminal,
          linked,
          ...(linked && { inForce: n === 1 ? 2 : 3 }),
        })),
      })),
    }),

    barredHere: () =>
      base.barred().filter(({ terminal }) => stores.includes(terminal.slice(0, 3) as StoreId)),
    pardonHere(_by, terminal) {
      if (!stores.includes(terminal.slice(0, 3) as StoreId))
        return { outcome: 'refused', ...refusal('NOT_PERMITTED') };
      base.pardon(terminal);
      return { outcome: 'done' };
    },

    alarm: (alarms) => base.change({ alarms }),
    sell(terminal, amountMinor) {
      const number = record(terminal, 12, amountMinor, nowMs + documents.length * 1_000);
      tell();
      return number;
    },
    link(terminal, linked) {
      if (linked) away.delete(terminal);
      else away.add(terminal);
      tell();
    },
    reach(reachable) {
      isReachable = reachable;
      tell();
    },
  };
}
