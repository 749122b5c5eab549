/**
 * Every device that has had a terminal's name, as this relay knows it without asking its database: who let it in, which
 * lives it began, what it may give to others, what it wrote after it was revoked. Reads, and never writes.
 */
import {
  journalKeyOf,
  type JournalKey,
  parseJournalKey,
  type StoreId,
  type TerminalId,
} from '../lib/domain/ids.ts';
import { limits } from '../lib/domain/limits.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import type {
  DeviceFinding,
  DeviceRevocation,
  GrantedRange,
  LetInBy,
  RevokedDevice,
  TerminalDevice,
  TerminalLife,
} from '../lib/host/hq-terminals.ts';
import { terminalOf } from '../lib/host/peer-list.ts';
import { parseHlc } from '../lib/journal/hybrid-clock.ts';
import type { EnrolGrant } from '../lib/replica/enrol-grants.ts';
import type { Member } from '../lib/replica/keyring.ts';
import { madeAtMs } from '../lib/trust/certificate-builder.ts';
import { isWithin } from '../lib/trust/certificate-names.ts';
import type { HqHealth } from './hq-health.ts';
import type { Relay } from './relay.ts';

export type TerminalDetailsParts = {
  readonly relay: Relay;
  readonly health: Pick<HqHealth, 'device'>;
  readonly grants: (store: StoreId) => readonly EnrolGrant[];
};

/** Documents beyond a revocation that are named one by one; the others are counted. */
const namedBeyond = 20;

export class TerminalDetails {
  readonly #p: TerminalDetailsParts;

  constructor(parts: TerminalDetailsParts) {
    this.#p = parts;
  }

  /** Those that stand first, then the revoked; of each the last that came first. Empty for a name that nobody has had. */
  devices(store: StoreId, terminal: TerminalId): readonly TerminalDevice[] {
    const all = this.#members(store);
    return devicesOf(all.filter(({ identity }) => identity.terminal === terminal))
      .map((lives) => this.#device(lives, all))
      .toSorted((a, b) => Number(a.revocation !== undefined) - Number(b.revocation !== undefined));
  }

  /** All of a store that are kept out, the last one first. */
  revoked(store: StoreId): readonly RevokedDevice[] {
    return devicesOf(this.#members(store))
      .flatMap((lives): RevokedDevice[] => {
        const revocation = this.#revocation(lives);
        const [life] = lives;
        if (!revocation || !life) return [];
        return [{ ...revocation, terminal: life.identity.terminal, terminalKey: life.terminalKey }];
      })
      .toSorted((a, b) => b.atMs - a.atMs);
  }

  /** Entries of the store that are here. */
  entriesHere(store: StoreId): number {
    return this.#tips(store).reduce((sum, [, { seq }]) => sum + seq, 0);
  }

  #device(lives: readonly Member[], all: readonly Member[]): TerminalDevice {
    const { replica } = this.#p.relay;
    const last = lives[0] as Member;
    const { terminalKey, principal } = last;
    const linked = lives.find((life) => replica.mesh.peers.includes(life.principal));
    const presence = linked && replica.voice.presence.of(linked.principal);
    const letIn = all
      .filter((life) => life.issuerKeys.includes(terminalKey) && !replica.revocations.of(life))
      .map(({ identity }) => identity.terminal);
    const revocation = this.#revocation(lives);
    return {
      ...this.#p.health.device(lives.toReversed()),
      terminalKey,
      enrolledAtMs: madeAtMs(last.chain[1] ?? new Uint8Array()),
      letInBy: letInBy(last, all),
      lifeList: lives.map((life) => this.#life(life)),
      letIn: [...new Set(letIn)],
      ranges: this.#ranges(last, principal, revocation === undefined),
      ...(presence && { missingThere: this.#missingThere(last.identity.store, presence.tips) }),
      ...(revocation && { revocation }),
      findings: this.#findings(last, lives),
    };
  }

  #findings({ identity: { store, terminal } }: Member, lives: readonly Member[]): DeviceFinding[] {
    const journals = new Set(lives.map(({ identity }) => journalKeyOf(identity)));
    const all = this.#p.relay.readSide(store)?.models.fileFindings(`${store}-${terminal}`) ?? [];
    const own = all
      .filter(({ journal }) => journals.has(journal))
      .toSorted((a, b) => Number(a.checked !== undefined) - Number(b.checked !== undefined));
    // Where there is no room for all, each kind has its part of it: a hundred strange files hide no other finding.
    const ofKind = new Map<string, number>();
    const shown = new Set(
      own
        .map((finding) => {
          if (finding.checked) return { finding, nth: Infinity };
          const nth = ofKind.get(finding.code) ?? 0;
          ofKind.set(finding.code, nth + 1);
          return { finding, nth };
        })
        .toSorted((a, b) => (a.nth === b.nth ? 0 : a.nth - b.nth))
        .slice(0, limits.findingsShown)
        .map(({ finding }) => finding),
    );
    return own
      .filter((finding) => shown.has(finding))
      .map(({ journal: _journal, entrySeq, ...finding }) => ({
        ...finding,
        ...(entrySeq !== undefined && { seq: entrySeq }),
      }));
  }

  #life({ principal, identity, letter }: Member): TerminalLife {
    const journal = journalKeyOf(identity);
    const { seq } = this.#p.relay.replica.journals.tip(journal);
    const models = this.#p.relay.readSide(identity.store)?.models;
    const documents = models?.documentsBetween(journal, 0, Number.MAX_SAFE_INTEGER) ?? 0;
    return { principal, letter, entries: seq, documents };
  }

  /** Bound to the life that they were given to. */
  #ranges({ identity, terminalKey }: Member, lastLife: string, stands: boolean): GrantedRange[] {
    const { keyring } = this.#p.relay.replica;
    const known = new Set(this.#members(identity.store).map((life) => life.identity.terminal));
    return this.#p
      .grants(identity.store)
      .filter(({ till }) => keyring.member(till)?.terminalKey === terminalKey)
      .map(({ till, range }) => ({
        first: range.first,
        last: range.last,
        used: [...known].filter((one) => isWithin(one, range)),
        counts: stands && till === lastLife,
      }));
  }

  #revocation(lives: readonly Member[]): DeviceRevocation | undefined {
    const [last] = lives;
    const standing = last && this.#p.relay.replica.revocations.of(last);
    if (!last || !standing) return undefined;
    const isOwn = standing.terminalKey === last.terminalKey;
    return {
      reason: standing.reason,
      atMs: parseHlc(standing.at).ms,
      ofKey: standing.terminalKey,
      ...(!isOwn && { with: `${standing.store}-${standing.terminal}` }),
      ...this.#beyond(lives, standing),
    };
  }

  #beyond(
    lives: readonly Member[],
    { store, tips }: Revocation,
  ): Pick<DeviceRevocation, 'beyond' | 'beyondDocuments'> {
    const known = new Map<string, number>(
      lives.map(({ identity }) => {
        const journal = journalKeyOf(identity);
        return [journal, tips[journal]?.seq ?? 0];
      }),
    );
    const { journals } = this.#p.relay.replica;
    let beyond = 0;
    for (const [journal, seq] of known)
      beyond += Math.max(0, journals.tip(journal as JournalKey).seq - seq);
    if (beyond === 0) return { beyond, beyondDocuments: [] };
    const terminal = lives[0]?.identity.terminal;
    const documents = this.#p.relay
      .readSide(store)
      ?.models.foundDocuments(terminal === undefined ? {} : { terminal }, limits.pageRows)
      .filter(({ journal, seq }) => seq > (known.get(journal) ?? Infinity));
    return {
      beyond,
      beyondDocuments: (documents ?? []).slice(0, namedBeyond).map(({ number }) => number),
    };
  }

  #missingThere(store: StoreId, said: Readonly<Record<string, { readonly seq: number }>>): number {
    return this.#tips(store).reduce(
      (sum, [journal, { seq }]) => sum + Math.max(0, seq - (said[journal]?.seq ?? 0)),
      0,
    );
  }

  #tips(store: StoreId) {
    return [...this.#p.relay.replica.journals.tips()].filter(
      ([journal]) => parseJournalKey(journal).store === store,
    );
  }

  #members(store: StoreId): Member[] {
    return this.#p.relay.replica.keyring
      .members()
      .filter(({ identity }) => identity.store === store);
  }
}

/** By key; lives and devices the last first. */
const devicesOf = (lives: readonly Member[]): Member[][] => [
  ...Map.groupBy(lives.toReversed(), ({ terminalKey }) => terminalKey).values(),
];

/** A chain's issuers are [a till that may enrol, the company's issuing key], either of which may be absent. */
function letInBy({ issuerKeys }: Member, all: readonly Member[]): LetInBy {
  const till = all.find(({ terminalKey }) => issuerKeys.includes(terminalKey));
  if (!till) {
    const [issuerKey] = issuerKeys;
    return { kind: 'headOffice', ...(issuerKey !== undefined && { issuerKey }) };
  }
  const issuerKey = issuerKeys.find((key) => key !== till.terminalKey);
  return {
    kind: 'till',
    till: terminalOf(till.principal),
    tillKey: till.terminalKey,
    ...(issuerKey !== undefined && { issuerKey }),
  };
}
