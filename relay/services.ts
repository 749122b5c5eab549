/** A running relay as its API and screens see it. */
import type { Clock } from '../lib/domain/clock.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { PeerList } from '../lib/host/peer-list.ts';
import type { Status } from '../lib/host/services.ts';
import { orgKeys } from '../lib/documents/org-keys.ts';
import { plainTips, totalText } from '../lib/replica/figures.ts';
import type { EnrolmentOffice } from '../lib/trust/enrolment-office.ts';
import type { ArchiveContract } from './archive-contract.ts';
import type { WantedState as PublishedState } from './publisher.ts';
import type { RelayMetrics } from './metrics.ts';
import type { Published, RelayServices } from './relay-routes.ts';
import type { Relay } from './relay.ts';
import type { WantedState } from './wanted-state.ts';

export type RelayServicesParts = {
  readonly relay: Relay;
  readonly wanted: WantedState;
  readonly archive: ArchiveContract;
  readonly office: EnrolmentOffice;
  readonly metrics: RelayMetrics;
  readonly version: string;
  /** The machine's unless another is given. */
  readonly clock?: Clock;
};

export function relayServices(parts: RelayServicesParts): RelayServices {
  const { relay, wanted, archive, office } = parts;
  const peers = new PeerList(parts.clock ?? machineClock);
  relay.onChange(() => peers.look(relay.replica.mesh.peers));
  const publish = async (changed: number): Promise<Published> => {
    const { release, changed: published } = await relay.publisher.publish(
      await wantedState(wanted),
    );
    return { changed, ...(published > 0 ? { release } : {}) };
  };
  return {
    status: () => statusOf(relay, parts.version, peers),
    onChange: (listener) => relay.onChange(listener),
    metrics: () => parts.metrics.registry.metrics(),
    async newJoinCode(store, terminal) {
      // A store that nobody has described yet would give its tills no settings and no operators.
      await relay.openStore(store);
      return office.newCode(store, terminal);
    },
    onEnrolment: (listener) => office.onEvent(listener),
    putProducts: async (products) => publish(await wanted.putProducts(products)),
    putCustomers: async (customers) => publish(await wanted.putCustomers(customers)),
    async putStore(store, given) {
      await wanted.putStore(store, given);
      await relay.openStore(store);
      return publish(1);
    },
    async putOperators(store, operators) {
      await wanted.putOperators(store, operators);
      return publish(operators.length);
    },
    archiveSummary: () => archive.summary(),
    archiveProblems: (limit) => archive.problems(limit),
    resetPosting: (key) => archive.reset(key),
  };
}

/** Everything that HQ wants to be in force, as the publisher writes it. */
export async function wantedState(wanted: WantedState): Promise<PublishedState> {
  const org = new Map<string, object>();
  for (const { store, name } of await wanted.stores()) {
    const settings = await wanted.settings(store);
    if (settings) org.set(orgKeys.settings(store), { ...settings, name });
    for (const operator of await wanted.operators(store))
      org.set(orgKeys.operator(store, operator.id), operator);
  }
  const products = new Map(
    (await wanted.products()).map((product) => [product.sku as string, product]),
  );
  const customerTerms = new Map(
    (await wanted.customers()).map(({ id, group, creditLimitMinor, blocked, taxExempt }) => [
      id,
      { id, group, creditLimitMinor, blocked, taxExempt },
    ]),
  );
  return { org, products, customerTerms };
}

function statusOf(relay: Relay, version: string, peers: PeerList): Status {
  const { replica, living } = relay;
  const members = replica.keyring.members().map(({ principal }) => principal);
  const sides = relay.stores.flatMap((store) => relay.readSide(store)?.models ?? []);
  const [first] = sides;
  const flags: Record<string, number> = {};
  for (const models of sides)
    for (const [kind, count] of Object.entries(models.flagCounts()))
      flags[kind] = (flags[kind] ?? 0) + count;
  const totals = sides.map((models) => models.totals());
  const archived = relay.archivedWord;
  return {
    role: 'relay',
    ...living.identity,
    letter: living.letter,
    version,
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
  };
}
