/** What `decide` reads, from the read models, HQ's data and the own journal. Reading has no effect. */
import type { ReceiptKey } from '../domain/bodies.ts';
import type { DecisionState } from '../domain/decision.ts';
import { journalKeyOf, type Sku } from '../domain/ids.ts';
import type { Projections } from '../projections/projections.ts';
import type { Replica } from '../replica/replica.ts';
import type { BusinessDay } from './business-day.ts';
import type { StoreOrg } from './store-org.ts';

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
    dayTotals: () => models.dayTotals(day.current),
    tips: () => models.tips(),
    hlcNow: () => replica.hybridClock.current(),
  };
}
