/** What `decide` reads, from the read models, HQ's data and the own journal. Reading has no effect. */
import type { ReceiptKey } from '../domain/bodies.ts';
import type { DecisionState } from '../domain/decision.ts';
import { journalKeyOf, parsePrincipal, type JournalKey, type Sku } from '../domain/ids.ts';
import type { Projections } from '../projections/projections.ts';
import type { Replica } from '../replica/replica.ts';
import type { BusinessDay } from './business-day.ts';
import type { StoreOrg } from './store-org.ts';

/** Other lives of this terminal. One that is linked is lived by another device, which closes its own day. */
function livesThatAreOver({ journals, me, mesh }: Replica): JournalKey[] {
  const { store, terminal } = me.identity;
  const own = journalKeyOf(me.identity);
  const linked = new Set(mesh.peers.map((peer) => journalKeyOf(parsePrincipal(peer))));
  return journals
    .keys()
    .filter((key) => key.startsWith(`${store}/${terminal}/`) && key !== own && !linked.has(key));
}

export function decisionView(parts: {
  readonly replica: Replica;
  readonly models: Projections;
  readonly org: StoreOrg;
  readonly day: BusinessDay;
}): DecisionState {
  const { replica, models, org, day } = parts;
  const { identity, letter } = replica.me;
  const journal = journalKeyOf(identity);
  return {
    store: identity.store,
    terminal: identity.terminal,
    letter,
    journal,
    settings: org.settings,
    businessDay: day.current,
    release: models.release()?.n,
    lastNumber: (code) => models.lastNumber(letter, code),
    commandSeen: (command) => models.commandSeen(command),
    operator: (id) => org.operator(id),
    product: (sku: Sku) => models.product(sku),
    receipt: (of: ReceiptKey) => models.receipt(of),
    printed: (of: ReceiptKey) => models.printed(of),
    toClose: () => models.toClose(livesThatAreOver(replica)),
    tips: () => models.tips(),
    hlcNow: () => replica.hybridClock.current(),
  };
}
