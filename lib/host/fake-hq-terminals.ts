/**
 * The terminals of head office in memory, as `fake-hq-services.ts` has them: devices that are kept out, replaced, let
 * others in, and codes. For tests alone.
 */
import { parsePrincipal, type Principal, type StoreId, type TerminalId } from '../domain/ids.ts';
import { TillmeshError } from '../domain/errors.ts';
import { refusal } from '../domain/refusals.ts';
import { reachesEnrolled } from '../domain/revocation-reason.ts';
import type { HqServices, OpenJoinCode, Revoking, TillHealth } from './hq-services.ts';
import type {
  DeviceFinding,
  DeviceRevocation,
  RevokedDevice,
  TerminalDevice,
} from './hq-terminals.ts';
import type { Archiving } from './services.ts';

export type FakeTerminalsParts = {
  readonly nowMs: number;
  readonly stores: readonly StoreId[];
  readonly nameOf: (store: StoreId) => string | undefined;
  /** All that ever joined; one that joins is put to its end. */
  readonly here: Principal[];
  readonly health: (principal: Principal) => TillHealth;
  readonly tills: (store: StoreId) => readonly TillHealth[];
  readonly documentsOf: (principal: Principal) => readonly string[];
  readonly isReachable: () => boolean;
  readonly archiving: () => Archiving;
  readonly unlink: (principal: Principal) => void;
  readonly tell: () => void;
};

export type FakeTerminals = Pick<
  HqServices,
  'terminals' | 'terminal' | 'enrol' | 'revoke' | 'grant' | 'withdrawCode' | 'replace'
> & {
  readonly isRevoked: (principal: Principal) => boolean;
  readonly openFindings: (principal: Principal) => number;
  /** Another device joins under this name, and lacks so many entries. */
  join(terminal: string, missing: number): void;
  /** How many it still lacks. */
  restore(terminal: string, missing: number): void;
  /** What it sold after it was kept out has come to light. */
  sellBeyond(terminal: string, numbers: readonly string[]): void;
  /** A device takes its code and is not heard of. */
  takeCode(terminal: string, terminalKey: string): void;
  /** What it found wrong with its own files. */
  find(terminal: string, findings: readonly DeviceFinding[]): void;
  /** The next code cannot be made. */
  failCodes(): void;
};

const syncPort = 3001;
const code = '7QZK-3M8V-A1XW-9T0R';
const issuerKey = 'c0ffee11'.repeat(8);
const entriesHere = 12_480;
const hour = 60 * 60_000;

const keyOf = (principal: Principal): string => principal.slice(-16).repeat(4);
const shortOf = (principal: Principal): string => principal.slice(0, principal.lastIndexOf('-'));

export function fakeTerminals(parts: FakeTerminalsParts): FakeTerminals {
  const { nowMs, stores, here } = parts;
  const revoked = new Map<Principal, DeviceRevocation>();
  const missing = new Map<Principal, number>();
  const codes: OpenJoinCode[] = [];
  const findings = new Map<Principal, readonly DeviceFinding[]>();
  const ranges = new Map<Principal, { first: number; last: number }[]>();
  /** Keys by `S01-T9`. */
  const unheard = new Map<string, string>();
  let isFailing = false;
  let made = 0;
  // T3 of the first store was let in by its T1.
  const [first] = here;
  if (first) ranges.set(first, [{ first: 3, last: 9 }]);
  const letterOf = (principal: Principal): string =>
    String.fromCharCode(65 + named(shortOf(principal)).indexOf(principal));
  const named = (name: string): Principal[] => here.filter((one) => shortOf(one) === name);
  const away = () => Promise.reject(new TillmeshError('DATABASE_UNREACHABLE'));
  const refuse = (why: Parameters<typeof refusal>[0]) =>
    Promise.resolve({ outcome: 'refused' as const, ...refusal(why) });
  const letIn = (principal: Principal): Principal[] =>
    principal === first ? named('S01-T3').slice(0, 1) : [];
  const isRevoked = (principal: Principal): boolean => revoked.has(principal);

  function device(principal: Principal): TerminalDevice {
    const { terminal, store } = parsePrincipal(principal);
    const health = parts.health(principal);
    const revocation = revoked.get(principal);
    const documents = parts.documentsOf(principal).length;
    const till = first && letIn(first).includes(principal) ? shortOf(first) : undefined;
    const numbers = here
      .filter((one) => parsePrincipal(one).store === store)
      .map((one) => parsePrincipal(one).terminal);
    return {
      ...health,
      terminal,
      letter: letterOf(principal),
      terminalKey: keyOf(principal),
      enrolledAtMs: nowMs - (named(shortOf(principal)).indexOf(principal) > 0 ? 0 : 90 * 24 * hour),
      letInBy:
        till === undefined || !first
          ? { kind: 'headOffice', issuerKey }
          : { kind: 'till', till, tillKey: keyOf(first), issuerKey },
      lifeList: Array.from({ length: health.lives }, (_, n) => ({
        principal,
        letter: String.fromCharCode(letterOf(principal).charCodeAt(0) + health.lives - 1 - n),
        entries: documents + 1,
        documents,
      })),
      letIn: letIn(principal)
        .filter((one) => !isRevoked(one))
        .map((one) => parsePrincipal(one).terminal),
      ranges: (ranges.get(principal) ?? []).map((range) => ({
        ...range,
        used: [...new Set(numbers)].filter((one) => {
          const number = Number(one.slice(1));
          return number >= range.first && number <= range.last;
        }),
        counts: !revocation,
      })),
      findings: findings.get(principal) ?? [],
      ...(health.linked && { missingThere: missing.get(principal) ?? 0 }),
      ...(revocation && {
        revocation,
        revoked: { reason: revocation.reason, atMs: revocation.atMs },
      }),
    };
  }

  const revokedOf = (store: StoreId): RevokedDevice[] =>
    [...revoked]
      .filter(([principal]) => parsePrincipal(principal).store === store)
      .map(([principal, revocation]) => ({
        ...revocation,
        terminal: parsePrincipal(principal).terminal,
        terminalKey: keyOf(principal),
      }))
      .toReversed();

  function keepOut(principal: Principal, revocation: DeviceRevocation): void {
    revoked.set(principal, revocation);
    parts.unlink(principal);
  }

  const revoke: FakeTerminals['revoke'] = (by, { store, terminal, reason, terminalKey = '' }) => {
    if (!parts.isReachable()) return away();
    if (!stores.includes(store)) return refuse('NOT_PERMITTED');
    const name = `${store}-${terminal}`;
    const meant = named(name).filter((one) => keyOf(one).startsWith(terminalKey));
    const open = meant.filter((one) => !isRevoked(one));
    if (open.length > 1) return refuse('TERMINAL_AMBIGUOUS');
    const [principal = meant.at(-1)] = open;
    if (principal === undefined) return refuse('TERMINAL_UNKNOWN');
    const before = revoked.get(principal);
    const said: DeviceRevocation = before ?? {
      reason,
      atMs: nowMs,
      ofKey: keyOf(principal),
      by,
      byName: 'Ines Candlethorpe',
      beyond: 0,
      beyondDocuments: [],
    };
    if (!before) {
      keepOut(principal, said);
      for (const one of reachesEnrolled({ reason }) ? letIn(principal) : [])
        keepOut(one, { ...said, with: name });
      parts.tell();
    }
    return Promise.resolve<Revoking>({
      outcome: before ? 'repeated' : 'done',
      store,
      terminal,
      terminalKey: keyOf(principal),
      reason: said.reason,
      atMs: said.atMs,
    });
  };

  function newCode(store: StoreId, terminal: TerminalId): OpenJoinCode {
    made += 1;
    const id = `7QZ${'KMNPQRSTVWXYZ'.charAt(made - 1)}`;
    const open = { id, store, terminal, expiresAtMs: nowMs + hour };
    codes.push(open);
    parts.tell();
    return open;
  }

  function withdraw(isMeant: (code: OpenJoinCode) => boolean): number {
    const gone = codes.filter(isMeant);
    for (const one of gone) codes.splice(codes.indexOf(one), 1);
    return gone.length;
  }

  const last = (name: string): Principal => {
    const principal = named(name).at(-1);
    if (!principal) throw new TillmeshError('PEER_UNKNOWN', name);
    return principal;
  };

  return {
    isRevoked,
    terminals: () =>
      Promise.resolve({
        nowMs,
        stores: stores.map((store) => {
          const name = parts.nameOf(store);
          const of = here.filter((one) => parsePrincipal(one).store === store);
          const highest = Math.max(
            0,
            ...of.map((one) => Number(parsePrincipal(one).terminal.slice(1))),
          );
          return {
            store,
            ...(name !== undefined && { name }),
            tills: parts.tills(store),
            revoked: revokedOf(store),
            next: `T${highest + 1}` as TerminalId,
          };
        }),
        ...(parts.isReachable() && { codes: [...codes] }),
      }),
    terminal(_by, store, terminal) {
      const those = named(`${store}-${terminal}`).toReversed();
      const key = unheard.get(`${store}-${terminal}`);
      if ((those.length === 0 && key === undefined) || !stores.includes(store))
        return Promise.resolve(undefined);
      const name = parts.nameOf(store);
      return Promise.resolve({
        nowMs,
        archiving: parts.archiving(),
        store,
        ...(name !== undefined && { name }),
        terminal,
        devices: those.toSorted((a, b) => Number(isRevoked(a)) - Number(isRevoked(b))).map(device),
        ...(key !== undefined && { unheard: [key] }),
        entriesHere,
        ...(parts.isReachable() && {
          codes: codes.filter((one) => one.store === store && one.terminal === terminal),
        }),
        freeRange: { first: 10, last: 19 },
      });
    },
    enrol(_by, store, terminal) {
      if (!parts.isReachable()) return away();
      if (!stores.includes(store)) return refuse('NOT_PERMITTED');
      const shared = `${store}-${terminal}`;
      if (unheard.has(shared) || named(shared).some((one) => !isRevoked(one)))
        return refuse('NAME_IN_USE');
      const { expiresAtMs } = newCode(store, terminal);
      return Promise.resolve({ outcome: 'done', store, terminal, code, expiresAtMs, syncPort });
    },
    revoke,
    grant(_by, range) {
      if (!parts.isReachable()) return away();
      const principal = named(`${range.store}-${range.terminal}`).findLast(
        (one) => !isRevoked(one),
      );
      if (!principal) return refuse('TERMINAL_UNKNOWN');
      const given = [...ranges.values()].flat();
      const isTaken = given.some((one) => one.first <= range.last && range.first <= one.last);
      if (isTaken || range.first <= 3) return refuse('RANGE_TAKEN');
      const { first: from, last: to } = range;
      ranges.set(principal, [...(ranges.get(principal) ?? []), { first: from, last: to }]);
      parts.tell();
      return Promise.resolve({ outcome: 'done', ...range });
    },
    withdrawCode(_by, store, id) {
      if (!parts.isReachable()) return away();
      const count = withdraw((one) => one.store === store && one.id === id);
      parts.tell();
      return count > 0 ? Promise.resolve({ outcome: 'done' }) : refuse('JOIN_CODE_GONE');
    },
    async replace(by, ask) {
      const { store, terminal } = ask;
      const revoking = await revoke(by, ask);
      if (revoking.outcome === 'refused') return revoking;
      const old = { ...revoking, terminal, syncPort };
      const joined = named(`${store}-${terminal}`).findLast((one) => !isRevoked(one));
      if (joined) return { ...old, outcome: 'joined', joinedKey: keyOf(joined) };
      if (isFailing) {
        isFailing = false;
        return { ...old, outcome: 'revokedOnly', problem: 'DATABASE_UNREACHABLE' };
      }
      withdraw((one) => one.store === store && one.terminal === terminal);
      const { expiresAtMs } = newCode(store, terminal);
      return { ...old, outcome: revoking.outcome, code, expiresAtMs };
    },
    join(terminal, lacking) {
      const n = named(terminal).length;
      const principal = `${terminal}-0${n}${'ef'.repeat(7)}` as Principal;
      here.push(principal);
      missing.set(principal, lacking);
      withdraw((one) => `${one.store}-${one.terminal}` === terminal);
      parts.tell();
    },
    restore(terminal, lacking) {
      missing.set(last(terminal), lacking);
      parts.tell();
    },
    sellBeyond(terminal, numbers) {
      const principal = named(terminal).find(isRevoked);
      const before = principal && revoked.get(principal);
      if (!before) throw new TillmeshError('PEER_UNKNOWN', terminal);
      revoked.set(principal, { ...before, beyond: numbers.length, beyondDocuments: numbers });
      parts.tell();
    },
    takeCode(terminal, terminalKey) {
      unheard.set(terminal, terminalKey);
      parts.tell();
    },
    find(terminal, found) {
      findings.set(last(terminal), found);
      parts.tell();
    },
    openFindings(principal) {
      return (findings.get(principal) ?? []).filter(({ checked }) => !checked).length;
    },
    failCodes() {
      isFailing = true;
    },
  };
}
