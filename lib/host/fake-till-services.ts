/**
 * A till in memory for tests of the screens and of their routes: signs in, keeps a cart, sells by the domain's own
 * rules, tells of stock and documents. Nothing of it reaches a disk or a network, and no process serves it.
 */
import { digitsOf } from '../domain/currency.ts';
import type { Bodies } from '../domain/bodies.ts';
import { parseCommand, type Command } from '../domain/commands.ts';
import { documentOf } from '../domain/document-summary.ts';
import type { Approvals } from '../domain/decision.ts';
import type { EntryHash, Principal, Sku } from '../domain/ids.ts';
import { formatScaled, sumExact } from '../domain/money.ts';
import { movementsOf } from '../domain/movements.ts';
import { priceAt, type Product } from '../domain/product.ts';
import type { ReleasesHere } from '../domain/releases.ts';
import { returnsInParts } from '../domain/return-quantity.ts';
import { SampleTill } from '../domain/sample-till.ts';
import type { StoreSettings } from '../domain/settings.ts';
import { fakeServices, type FakeServices } from './fake-services.ts';
import type { Check } from './checks/check.ts';
import { fakeCart, type FakeCart } from './fake-cart.ts';
import { fakeJournal } from './fake-journal.ts';
import { fakeOperators, fakeSignIn } from './fake-people.ts';
import { fakeChecks, fakeSelfTest } from './fake-self-test.ts';
import { fakeProducts, fakeSettings, fakeStock } from './fake-shop.ts';
import type { LanView } from './lan-screens.ts';
import type { DialView } from './mesh-news.ts';
import type { Status, Waiting } from './services.ts';
import type { StartProgress } from './start-progress.ts';
import type {
  DocumentView,
  Movement,
  Receipt,
  StockCard,
  TileRow,
  TillServices,
} from './till-services.ts';

export type FakeTill = TillServices &
  Pick<FakeServices, 'change' | 'fail' | 'links'> &
  Pick<FakeCart, 'withdraw' | 'leave'>;

export type FakeTillOptions = {
  readonly status?: Partial<Status>;
  readonly products?: readonly Product[];
  readonly settings?: StoreSettings;
  /** Milliseconds since 1970 of each document; without it, one minute apart from 20 November 2026. */
  readonly nowMs?: () => number;
  /** How the dials to a peer go that is not linked, by its principal; and addresses of whom nobody knows. */
  readonly dials?: Readonly<Record<string, readonly DialView[]>>;
  readonly addresses?: readonly DialView[];
  readonly lan?: LanView;
  readonly releases?: ReleasesHere;
  /** What a self-test finds. */
  readonly checks?: readonly Check[];
  /** How far it is; without it, it has all. */
  readonly progress?: StartProgress;
};

const arrived: StartProgress = {
  step: 'ready',
  tillsLinked: 2,
  hqLinked: true,
  catalogue: { here: 18, all: 18 },
  journals: { here: 40, all: 40 },
};

const hash = 'a'.repeat(43) as EntryHash;
const firstMs = Date.UTC(2026, 10, 20, 8, 2);

type Recorded = { readonly by: string; readonly wallMs: number };

export function fakeTillServices(options: FakeTillOptions = {}): FakeTill {
  const settings = options.settings ?? fakeSettings;
  const products = options.products ?? fakeProducts;
  const bySku = new Map(products.map((product) => [product.sku, product]));
  const till = new SampleTill(products, settings);
  const base = fakeServices(options.status);
  const recorded: Recorded[] = [];

  const nowMs = options.nowMs ?? (() => firstMs + recorded.length * 60_000);

  function run(command: Command, approvals: Approvals = []) {
    const decision = till.run(command, approvals);
    if (decision.kind === 'record') {
      recorded.push({ by: command.by, wallMs: nowMs() });
      tell();
    }
    return decision;
  }

  function tell(): void {
    const money = till.recorded.map(({ type, body }) => documentOf(type, body));
    const seq = till.recorded.length;
    base.change({
      documents: seq,
      lines: sumExact(money.map((document) => document?.lines ?? 0)),
      total: formatScaled(
        sumExact(money.map((document) => document?.totalMinor ?? 0)),
        digitsOf(settings.currency),
      ),
      currency: settings.currency,
      copies: { own: { seq, onPeers: seq, atHq: seq, archived: seq } },
      waiting: waiting(),
    });
  }

  const journal = fakeJournal({ till, hash, recorded, run });

  // ---- Reading

  function stockMilli(sku: Sku): number {
    const moved = till.recorded.flatMap(({ type, body }) => movementsOf(type, body));
    return sumExact([
      fakeStock(sku),
      ...moved.filter((one) => one.sku === sku).map((one) => one.quantityMilli),
    ]);
  }

  function tile({ sku, names, barcodes, department, weighed, ...product }: Product): TileRow {
    const price = priceAt({ sku, names, barcodes, ...product }, till.store, till.businessDay);
    return {
      sku,
      name: names,
      ...(department !== undefined && { department }),
      weighed: weighed === true,
      ...(price !== undefined && { unitPriceE4: price }),
      quantityMilli: stockMilli(sku),
      barcodes,
    };
  }

  function documentView(seq: number): DocumentView | undefined {
    const entry = till.recorded[seq - 1];
    const { by = '', wallMs = 0 } = recorded[seq - 1] ?? {};
    const summary = entry && documentOf(entry.type, entry.body);
    if (!entry || !summary) return undefined;
    return {
      key: { journal: till.journal, seq },
      hash,
      type: entry.type,
      number: summary.number,
      businessDay: summary.businessDay,
      wallMs,
      zone: 'Europe/London',
      terminal: till.terminal,
      operator: fakeOperators.find(({ id }) => id === by)?.name ?? by,
      totalMinor: summary.totalMinor,
      ...(summary.currency !== undefined && { currency: summary.currency }),
      lines: summary.lines,
    };
  }

  const seqs = (): number[] => till.recorded.map((_, n) => n + 1);

  function movements(sku: Sku): Movement[] {
    let balanceMilli = fakeStock(sku);
    return seqs().flatMap((seq) => {
      const entry = till.recorded[seq - 1];
      const about = documentView(seq);
      if (!entry || !about) return [];
      const { number, type, terminal, operator, wallMs, key } = about;
      return movementsOf(entry.type, entry.body)
        .filter((movement) => movement.sku === sku)
        .map(({ quantityMilli }) => {
          balanceMilli += quantityMilli;
          const more = { type, terminal, operator, wallMs, quantityMilli, balanceMilli };
          return { document: number, key, ...more };
        });
    });
  }

  function copies(): Receipt['copies'] {
    const { peers } = base.status();
    const linked = peers.filter((peer) => peer.linked);
    const atHq = linked.some((peer) => peer.principal.startsWith('HQ-'));
    const tills = 1 + linked.filter((peer) => !peer.principal.startsWith('HQ-')).length;
    return { tills, atHq, archived: atHq };
  }

  /** Whoever is linked has everything at once. */
  function waiting(): Waiting {
    const seq = till.recorded.length;
    const { tills, atHq, archived } = copies();
    return {
      onlyHere: tills > 1 || atHq ? 0 : seq,
      forHq: atHq ? 0 : seq,
      forArchive: archived ? 0 : seq,
    };
  }

  return {
    ...base,
    ...fakeSignIn(),
    ...fakeCart({ till, products, settings, run }),
    ...fakeSelfTest(options.checks ?? fakeChecks, nowMs),
    progress: () => options.progress ?? arrived,
    ...journal,
    execute(value) {
      const parsed = parseCommand(value);
      if (!parsed.ok) return { outcome: 'invalid', problems: parsed.problems };
      const decision = run(parsed.command);
      if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
      const seq = decision.kind === 'repeated' ? decision.seq : till.recorded.length;
      const number = till.numberAt(seq);
      const outcome = decision.kind === 'record' ? 'done' : 'repeated';
      return { outcome, number, journal: till.journal, seq, hash, ackMs: 0.4 };
    },
    departments() {
      const counts = new Map<string, number>();
      for (const { department } of products) {
        if (department !== undefined) counts.set(department, (counts.get(department) ?? 0) + 1);
      }
      return [...counts].map(([id, count]) => ({ id, products: count }));
    },
    tiles({ department, query, limit }) {
      const words = (query ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const text = ({ names, sku, barcodes }: Product): string =>
        [names, sku, ...barcodes].join(' ').toLowerCase();
      return products
        .filter((product) => department === undefined || product.department === department)
        .filter((product) => words.every((word) => text(product).includes(word)))
        .slice(0, limit)
        .map(tile);
    },
    stockCard(sku, { after = '0', limit }): StockCard | undefined {
      const product = bySku.get(sku);
      if (!product) return undefined;
      const moved = movements(sku).reverse();
      const end = Number(after) + limit;
      return {
        ...tile(product),
        batches: [],
        movements: moved.slice(Number(after), end),
        ...(end < moved.length && { next: String(end) }),
      };
    },
    recentDocuments: (limit, { terminal, businessDay, amountMinor } = {}) =>
      seqs()
        .reverse()
        .flatMap((seq) => documentView(seq) ?? [])
        .filter((one) => terminal === undefined || one.terminal === terminal)
        .filter((one) => businessDay === undefined || one.businessDay === businessDay)
        .filter((one) => amountMinor === undefined || Math.abs(one.totalMinor) === amountMinor)
        .slice(0, limit),
    receipt(number, wanted): Receipt | undefined {
      if (wanted !== undefined && wanted !== hash) return undefined;
      const seq = till.recorded.findIndex(({ body }) => body.number === number) + 1;
      const about = documentView(seq);
      if (!about) return undefined;
      const body = till.recorded[seq - 1]?.body as Bodies['SaleCompleted'];
      const returnedMilli = till.receipt({ journal: till.journal, seq })?.returnedMilli ?? [];
      const of = (body as Partial<Bodies['ReturnCompleted']>).of;
      const sale = of && till.receipt(of);
      return {
        ...about,
        body,
        ...(sale && { ofNumber: sale.body.number }),
        returnedMilli,
        weighed: (body.lines ?? []).map(({ sku, quantityMilli }) =>
          returnsInParts(bySku.get(sku), quantityMilli),
        ),
        copies: copies(),
        isUnprinted: journal.isUnprinted(seq),
        copiesPrinted: till.printed({ journal: till.journal, seq })?.copies ?? 0,
      };
    },
    findingsSeen: () => 0,
    lanView: () => options.lan,
    meshView() {
      const { terminal, peers, version } = base.status();
      return {
        terminal,
        version,
        addresses: options.addresses ?? [],
        barred: base.barred(),
        peers: peers.map(({ principal, linked, goneAtMs }, n) => ({
          principal,
          terminal: principal.split('-')[1] ?? principal,
          isRelay: principal.startsWith('HQ-'),
          linked: linked && base.links.get(principal) !== 'cut',
          ...(goneAtMs !== undefined && { goneAtMs }),
          cut: base.links.get(principal) === 'cut',
          ...(base.links.get(principal) === 'cut' && {
            cutBy: {
              name: fakeOperators.find(({ id }) => id === base.cutters.get(principal))?.name ?? '',
              wallMs: firstMs,
            },
          }),
          dials: linked ? [] : (options.dials?.[principal] ?? []),
          version: '0.1.0',
          ...(linked && { latencyMs: 2 + n * 3, clockOffsetMs: n * 12 - 6 }),
          waiting: linked ? 0 : 3,
          ...(linked && { release: 7 - (n % 2) }),
        })),
        onlyHere: waiting().onlyHere,
        waitingForHq: waiting().forHq,
        waitingForArchive: waiting().forArchive,
        events: peers.map(({ principal, linked }, n) => ({
          wallMs: firstMs + n * 1_000,
          kind: linked ? ('linked' as const) : ('unlinked' as const),
          peer: principal,
        })),
        releases: options.releases ?? {
          inForce: {
            n: 7,
            signedBy: 'HQ-HQ1-00112233445566cc' as Principal,
            issuerKey: 'c0ffee11'.repeat(8),
            atMs: firstMs,
            changed: ['org', 'catalog/3'],
          },
        },
      };
    },
  };
}
