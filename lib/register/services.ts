/** A running register as its HTTP host and screens see it: plain values only. */
import { journalKeyOf, type EntryHash, type Sku } from '../domain/ids.ts';
import { priceAt } from '../domain/product.ts';
import type { CommandOutcome, RegisterServices, Status } from '../host/services.ts';
import { plainTips, totalText } from '../replica/figures.ts';
import type { RegisterMetrics } from './metrics.ts';
import type { Register } from './register.ts';

export function registerServices(
  register: Register,
  version: string,
  metrics: RegisterMetrics,
): RegisterServices {
  return {
    execute(command): CommandOutcome {
      const outcome = register.execute(command);
      metrics.commandDone(outcome);
      return outcome;
    },
    status: () => statusOf(register, version),
    onChange: (listener) => register.onChange(listener),
    metrics: () => metrics.text(),
    products: (query, limit) =>
      register.models.searchProducts(query, limit).map((product) => ({
        sku: product.sku,
        name: product.names,
        barcodes: product.barcodes,
        unitPriceE4: priceAt(product, register.replica.me.identity.store, register.businessDay),
        quantityMilli: register.models.stock(product.sku) ?? 0,
      })),
    stock: (sku: Sku) => ({
      sku,
      quantityMilli: register.models.stock(sku) ?? 0,
      batches: register.models.batches(sku),
    }),
    documents({ after, limit }) {
      const rows = register.models.documents(Number(after ?? 0) || 0, limit);
      const last = rows.at(-1);
      return {
        documents: rows.map((row) => ({
          journal: row.journal,
          seq: row.seq,
          hash: row.hash as EntryHash,
          type: row.type,
          number: row.number,
          businessDay: row.businessDay,
          lines: row.lines,
          totalMinor: row.totalMinor,
          ...(row.externalId === null ? {} : { externalId: row.externalId }),
        })),
        ...(last && rows.length === limit ? { next: String(last.position) } : {}),
      };
    },
    cut: (peer) => register.replica.mesh.cut(peer),
    heal: (peer) => register.replica.mesh.heal(peer),
  };
}

function statusOf(register: Register, version: string): Status {
  const { replica, models, org, living } = register;
  const { identity, letter } = living;
  const own = journalKeyOf(identity);
  const totals = models.totals();
  const linked = new Set(replica.mesh.peers);
  const peers = replica.keyring
    .members()
    .filter(
      (member) =>
        member.principal !== living.principal &&
        (linked.has(member.principal) || isLive(member.principal)),
    )
    .map(({ principal }) => ({ principal, linked: linked.has(principal) }));
  const archived = replica.voice.archived;
  return {
    role: 'register',
    ...identity,
    letter,
    version,
    peers,
    tips: plainTips(replica.tips()),
    documents: totals.documents,
    lines: totals.lines,
    total: totalText(totals, org.settings.currency),
    currency: org.settings.currency,
    stockHash: models.stockHash(),
    flags: models.flagCounts(),
    copies: { own: { seq: replica.own.tip.seq, ...replica.voice.reach(own) } },
    ...(archived
      ? {
          archived: {
            archive: archived.archive,
            generation: archived.generation,
            tips: Object.fromEntries(archived.tips),
          },
        }
      : {}),
  };

  /** The last life of each terminal; earlier ones are history, not peers that are missing. */
  function isLive(principal: string): boolean {
    const members = replica.keyring
      .members()
      .filter(
        (member) =>
          `${member.identity.store}-${member.identity.terminal}` ===
          principal.slice(0, principal.lastIndexOf('-')),
      );
    return members.at(-1)?.principal === principal;
  }
}
