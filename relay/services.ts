/** A running relay as its API and screens see it. */
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import { terminalNameOf } from '../lib/domain/ids.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { PeerList } from '../lib/host/peer-list.ts';
import type { Revoking } from '../lib/host/hq-services.ts';
import type { Archiving, Status } from '../lib/host/services.ts';
import { barViews } from '../lib/replica/bar-views.ts';
import { plainTips, totalText } from '../lib/replica/figures.ts';
import type { EnrolmentOffice } from '../lib/trust/enrolment-office.ts';
import type { RelayAlarms } from './alarms.ts';
import type { ArchiveContract } from './archive-contract.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import type { EnrollingTills } from './enrolling-tills.ts';
import type { DatabaseJoinCodes } from './join-code-store.ts';
import type { RelayMetrics } from './metrics.ts';
import type { NameHolders } from './name-holders.ts';
import type { Published, RelayServices } from './relay-routes.ts';
import type { Relay } from './relay.ts';
import { Replacements } from './replacing.ts';
import { revokeTerminal } from './revoking.ts';
import type { WantedPublishing } from './wanted-publishing.ts';
import type { WantedState } from './wanted-state.ts';

export type RelayServicesParts = {
  readonly relay: Relay;
  readonly wanted: WantedState;
  readonly publishing: WantedPublishing;
  readonly archive: ArchiveContract;
  readonly writer: Pick<ArchiveWriter, 'state'>;
  readonly office: EnrolmentOffice;
  readonly enrolling: EnrollingTills;
  readonly codes: Pick<DatabaseJoinCodes, 'withdraw'>;
  readonly names: Pick<NameHolders, 'devices'>;
  readonly metrics: RelayMetrics;
  readonly alarms: RelayAlarms;
  readonly version: string;
  /** For the record of who asked for which revocation, and what came of it. */
  readonly onRevoked?: (revoking: Revoking, by: string) => void;
  /** For the record of who let which barred terminal back in. */
  readonly onPardoned?: (terminal: string, by: string) => void;
  /** After head office wanted something new: whoever keeps a list of it looks again. */
  readonly onWanted?: () => Promise<void>;
  /** The machine's unless another is given. */
  readonly clock?: Clock;
};

export function relayServices(parts: RelayServicesParts): RelayServices {
  const { relay, wanted, publishing, archive, office, enrolling } = parts;
  const peers = new PeerList(parts.clock ?? machineClock);
  relay.onChange(() => peers.look(relay.replica.mesh.peers));
  const publish = async (write: () => Promise<number>): Promise<Published> => {
    let changed = 0;
    const { release, changed: published } = await publishing.change(async () => {
      changed = await write();
    });
    await parts.onWanted?.();
    return { changed, ...(published > 0 ? { release } : {}) };
  };
  const letIn: Pick<RelayServices, 'newJoinCode' | 'revoke'> = {
    async newJoinCode(store, terminal) {
      // A store that nobody has described yet would give its tills no settings and no operators.
      await relay.openStore(store);
      enrolling.assertOurs(store, terminal);
      return office.newCode(store, terminal);
    },
    async revoke(ask, by) {
      const revoking = await revokeTerminal(parts, ask, by);
      parts.onRevoked?.(revoking, by);
      return revoking;
    },
  };
  const now = () => (parts.clock ?? machineClock).wallMs();
  const replacements = new Replacements({
    relay,
    names: parts.names,
    services: letIn,
    withdrawCodes: (store, terminal) => parts.codes.withdraw(store, { terminal }, now()),
  });
  return {
    ...letIn,
    status: () => statusOf(parts, peers),
    onChange: (listener) => relay.onChange(listener),
    metrics: () => parts.metrics.registry.metrics(),
    grantEnrolling: (range) => enrolling.grant(range),
    replace: (ask, by) => replacements.replace(ask, by),
    withdrawJoinCode: async (store, id) => (await parts.codes.withdraw(store, { id }, now())) > 0,
    pardon(terminal, by = 'api') {
      const { mesh } = relay.replica;
      const bar = mesh.barred.find(({ peer }) => terminalNameOf(peer) === terminal);
      if (!bar) {
        const names = barViews(mesh).map((one) => one.terminal);
        throw new TillmeshError(
          'PEER_UNKNOWN',
          `${terminal}; barred: ${names.join(', ') || 'nobody'}`,
        );
      }
      mesh.pardon(bar.peer);
      parts.onPardoned?.(terminal, by);
      relay.changed();
    },
    barred: () => barViews(relay.replica.mesh),
    onEnrolment: (listener) => office.onEvent(listener),
    putProducts: (products) => publish(() => wanted.putProducts(products)),
    putCustomers: (customers) => publish(() => wanted.putCustomers(customers)),
    putStore: (store, given) =>
      publish(async () => {
        await wanted.putStore(store, given);
        return 1;
      }),
    putOperators: (store, operators) =>
      publish(async () => {
        await wanted.putOperators(store, operators);
        return operators.length;
      }),
    hasSettings: async (store) => (await wanted.settings(store)) !== undefined,
    archiveSummary: () => archive.summary(),
    archiveProblems: (limit) => archive.problems(limit),
    resetPosting: (key) => archive.reset(key),
  };
}

function statusOf(
  { relay, version, writer, publishing, alarms }: RelayServicesParts,
  peers: PeerList,
): Status {
  const { replica, living } = relay;
  const members = replica.revocations.standingMembers().map(({ principal }) => principal);
  const sides = relay.stores.flatMap((store) => relay.readSide(store)?.models ?? []);
  const [first] = sides;
  const flags: Record<string, number> = {};
  for (const models of sides)
    for (const [kind, count] of Object.entries(models.flagCounts()))
      flags[kind] = (flags[kind] ?? 0) + count;
  const totals = sides.map((models) => models.totals());
  const archived = relay.archivedWord;
  const standing = alarms.list(relay);
  return {
    role: 'relay',
    ...living.identity,
    letter: living.letter,
    version,
    ...(standing.length > 0 && { alarms: standing }),
    peers: peers.list(members, replica.mesh.peers, living.principal),
    tips: plainTips(replica.tips()),
    documents: totals.reduce((sum, each) => sum + each.documents, 0),
    lines: totals.reduce((sum, each) => sum + each.lines, 0),
    total:
      totals.length === 1 && totals[0]
        ? totalText(totals[0], 'EUR')
        : totals.length === 0
          ? '0.00'
          : 'several stores',
    // With several stores each has its own; the figure here is of the only one.
    stockHash: sides.length === 1 && first ? first.stockHash() : '',
    flags,
    ...(archived ? { archived } : {}),
    archiving: archivingOf(relay, writer.state, publishing.refilledFrom),
  };
}

export function archivingOf(
  relay: Pick<Relay, 'waitingForArchive'>,
  state: ArchiveWriter['state'],
  refilledFrom: number | undefined,
): Archiving {
  const { entries, sinceMs } = relay.waitingForArchive;
  return {
    state: state.kind,
    databaseReachable: state.kind !== 'unreachable',
    waiting: entries,
    ...(entries > 0 && sinceMs !== undefined ? { waitingSinceMs: sinceMs } : {}),
    ...(state.kind === 'archiving'
      ? {}
      : { fault: { sinceMs: state.sinceMs, reason: state.reason } }),
    ...(refilledFrom === undefined ? {} : { refilledFromRelease: refilledFrom }),
  };
}
