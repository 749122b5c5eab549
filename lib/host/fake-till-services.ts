/**
 * A till in memory for tests of the screens and of their routes: signs in, keeps a cart, sells by the domain's own
 * rules, tells of stock and documents. Nothing of it reaches a disk or a network, and no process serves it.
 */
import { digitsOf } from '../domain/currency.ts';
import type { Bodies, MoneyDocument } from '../domain/bodies.ts';
import { priceItems } from '../domain/decide-sale.ts';
import { parseCommand, type Command, type ItemLine } from '../domain/commands.ts';
import { cashRoundingMinor } from '../domain/cash-rounding.ts';
import { isPlainLine } from '../domain/desk-cart.ts';
import { documentOf } from '../domain/document-summary.ts';
import type { Approvals } from '../domain/decision.ts';
import { TillmeshError } from '../domain/errors.ts';
import { barcodeKey } from '../domain/gtin.ts';
import type { EntryHash, Sku } from '../domain/ids.ts';
import { formatScaled, sumExact } from '../domain/money.ts';
import { movementsOf } from '../domain/movements.ts';
import { priceAt, type Product } from '../domain/product.ts';
import { refusal, refused, type Outcome } from '../domain/refusals.ts';
import { SampleTill } from '../domain/sample-till.ts';
import type { StoreSettings } from '../domain/settings.ts';
import { fakeServices, type FakeServices } from './fake-services.ts';
import type { Check } from './checks/check.ts';
import { fakeChecks, fakeSelfTest } from './fake-self-test.ts';
import { fakeProducts, fakeSettings, fakeStock } from './fake-shop.ts';
import type { DialView } from './mesh-news.ts';
import type { Status, Waiting } from './services.ts';
import type {
  CartAnswer,
  CartChange,
  CartView,
  DocumentView,
  Movement,
  OperatorName,
  Paid,
  PinWaiting,
  Receipt,
  SignIn,
  StockCard,
  TenderGiven,
  TileRow,
  TillServices,
} from './till-services.ts';

export type FakeTill = TillServices & Pick<FakeServices, 'change' | 'fail' | 'links'>;

export type FakeTillOptions = {
  readonly status?: Partial<Status>;
  readonly products?: readonly Product[];
  readonly settings?: StoreSettings;
  /** Milliseconds since 1970 of each document; without it, one minute apart from 20 November 2026. */
  readonly nowMs?: () => number;
  /** How the dials to a peer go that is not linked, by its principal; and addresses of whom nobody knows. */
  readonly dials?: Readonly<Record<string, readonly DialView[]>>;
  readonly addresses?: readonly DialView[];
  /** What a self-test finds. */
  readonly checks?: readonly Check[];
};

/** Ids, names and roles as `SampleTill` knows them; the PIN of each is in `fakePins`. */
export const fakeOperators: readonly OperatorName[] = [
  { id: 'ann', name: 'Amina Testerley', roles: ['cashier'] },
  { id: 'sue', name: 'Omar Samplewood', roles: ['supervisor'] },
  { id: 'max', name: 'Ines Candlethorpe', roles: ['manager'] },
];
export const fakePins: Readonly<Record<string, string>> = { ann: '1111', sue: '2222', max: '3333' };

const hash = 'a'.repeat(43) as EntryHash;
const firstMs = Date.UTC(2026, 10, 20, 8, 2);

type Line = ItemLine & {
  readonly id: string;
  readonly removed?: boolean;
  /** Operator id. */
  readonly approvedBy?: string;
};
type Changed = { readonly lines: readonly Line[]; readonly line?: string };
type Recorded = { readonly by: string; readonly wallMs: number };

export function fakeTillServices(options: FakeTillOptions = {}): FakeTill {
  const settings = options.settings ?? fakeSettings;
  const products = options.products ?? fakeProducts;
  const bySku = new Map(products.map((product) => [product.sku, product]));
  const till = new SampleTill(products, settings);
  const base = fakeServices(options.status);
  const recorded: Recorded[] = [];
  const wrongPins = new Map<string, number>();
  /** What was in each cart that is paid: a second press pays the same again. */
  const paid = new Map<string, readonly Line[]>();
  let cartNumber = 1;
  let lines: readonly Line[] = [];
  /** Adds that raised another line, by their id: sent twice, they count once. */
  const absorbed = new Map<string, string>();

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

  // ---- The cart

  const live = (): readonly Line[] => lines.filter((line) => line.removed !== true);
  function asItem(line: Line): ItemLine {
    const { id: _, removed: __, approvedBy: ___, ...item } = line;
    return item;
  }

  function view(): CartView {
    const shown = live();
    // Whatever is in the cart was allowed when it came in.
    const priced = priceItems(till, shown.map(asItem), { roles: ['manager'] }, 0);
    if (!priced.ok) throw new TillmeshError('INVARIANT', priced.refusal.message);
    const { totalMinor, taxes } = priced.value;
    return {
      cart: `cart-${cartNumber}`,
      currency: settings.currency,
      lines: priced.value.lines.map((line, n) => {
        const { sku, name, quantityMilli, unitPriceE4, amountMinor } = line;
        return {
          id: shown[n]?.id ?? '',
          sku,
          name,
          quantityMilli,
          weighed: bySku.get(sku)?.weighed === true,
          unitPriceE4,
          amountMinor,
          ...(line.discountMinor !== undefined && { discountMinor: line.discountMinor }),
          ...(line.batch !== undefined && { batch: line.batch }),
          ...(line.override !== undefined && { override: line.override }),
          ...nameOfApprover(shown[n]?.approvedBy),
        };
      }),
      taxes: taxes.map((tax) => ({ ...tax, name: settings.taxes[tax.rate]?.name ?? tax.rate })),
      netMinor: totalMinor - sumExact(taxes.map((tax) => tax.taxMinor)),
      totalMinor,
      cashDueMinor: totalMinor + cashRoundingMinor(totalMinor, settings.cashRounding),
      tenders: settings.tenders ?? ['cash', 'card'],
      ...(settings.cashRounding && { cashRounding: settings.cashRounding }),
    };
  }

  function nameOfApprover(id: string | undefined): { approvedBy?: string } {
    const operator = fakeOperators.find((one) => one.id === id);
    return operator ? { approvedBy: operator.name } : {};
  }

  function change(asked: CartChange, by: string): Outcome<Changed> {
    const roles = till.operator(by)?.roles ?? [];
    const next = changed(asked);
    if (!next.ok) return next;
    const line = next.value.lines.find(({ id }) => id === next.value.line);
    if (line === undefined || line.removed === true) return next;
    const priced = priceItems(till, [asItem(line)], { roles }, 0);
    if (!priced.ok)
      return asked.kind === 'restore' && line.approvedBy !== undefined ? next : priced;
    const isPlain = priceItems(till, [asItem(line)], { roles: ['cashier'] }, 0).ok;
    const { approvedBy: _, ...rest } = line;
    const judged = isPlain ? rest : { ...rest, approvedBy: by };
    const { lines: all } = next.value;
    return {
      ok: true,
      value: { ...next.value, lines: all.map((one) => (one === line ? judged : one)) },
    };
  }

  function changed(asked: CartChange): Outcome<Changed> {
    const done = (value: Changed): Outcome<Changed> => ({ ok: true, value });
    const edit = (id: string, more: Partial<Line>): Outcome<Changed> =>
      lines.some((line) => line.id === id)
        ? done({
            lines: lines.map((line) => (line.id === id ? { ...line, ...more } : line)),
            line: id,
          })
        : refused('CART_LINE_UNKNOWN');
    const add = (id: string, sku: Sku, quantityMilli: number): Outcome<Changed> => {
      const known = absorbed.get(id) ?? lines.find((line) => line.id === id)?.id;
      if (known !== undefined) return done({ lines, line: known });
      const same = bySku.get(sku)?.weighed
        ? undefined
        : live().findLast((line) => line.sku === sku && isPlainLine(line));
      if (!same) return done({ lines: [...lines, { id, sku, quantityMilli }], line: id });
      absorbed.set(id, same.id);
      return edit(same.id, { quantityMilli: same.quantityMilli + quantityMilli });
    };
    switch (asked.kind) {
      case 'add':
        return bySku.has(asked.sku)
          ? add(asked.line, asked.sku, asked.quantityMilli)
          : refused('PRODUCT_UNKNOWN', asked.sku);
      case 'scan': {
        const sku = find(asked.code);
        return sku
          ? add(asked.line, sku, asked.quantityMilli)
          : refused('PRODUCT_UNKNOWN', asked.code);
      }
      case 'quantity':
        return edit(asked.line, { quantityMilli: asked.quantityMilli });
      case 'price':
        return edit(asked.line, { unitPriceE4: asked.unitPriceE4, override: asked.override });
      case 'discount':
        return edit(asked.line, { discountMinor: asked.discountMinor });
      case 'remove':
        return edit(asked.line, { removed: true });
      case 'restore':
        return edit(asked.line, { removed: false });
      case 'clear':
        return done({ lines: lines.map((line) => ({ ...line, removed: true })) });
    }
  }

  function find(code: string): Sku | undefined {
    const key = barcodeKey(code);
    return products.find(
      ({ sku, barcodes }) => sku === code || barcodes.some((own) => barcodeKey(own) === key),
    )?.sku;
  }

  function pay(
    by: string,
    cart: string,
    totalMinor: number,
    tenders: readonly TenderGiven[],
  ): Paid {
    if (!paid.has(cart)) {
      if (cart !== `cart-${cartNumber}`) return { outcome: 'refused', ...refusal('CART_NOT_HERE') };
      if (live().length === 0) return { outcome: 'refused', ...refusal('CART_EMPTY') };
      if (view().totalMinor !== totalMinor) {
        return { outcome: 'refused', ...refusal('CART_CHANGED') };
      }
    }
    const goods = paid.get(cart) ?? live();
    const decision = run(
      {
        kind: 'CompleteSale',
        command: `pay-${cart}`,
        by,
        lines: goods.map(asItem),
        tenders: tenders.map((tender) => ({ ...tender })),
      },
      goods.map(({ approvedBy }) => approvedBy),
    );
    if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
    const seq = decision.kind === 'repeated' ? decision.seq : till.recorded.length;
    const body = till.recorded[seq - 1]?.body as MoneyDocument;
    if (decision.kind === 'record') {
      paid.set(cart, live());
      lines = [];
      absorbed.clear();
      cartNumber += 1;
    }
    return {
      outcome: decision.kind === 'record' ? 'done' : 'repeated',
      number: body.number,
      key: { journal: till.journal, seq },
      totalMinor: body.totalMinor,
      changeMinor: sumExact(body.tenders.map((tender) => tender.changeMinor ?? 0)),
      currency: body.currency,
      cart: view(),
    };
  }

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

  function pinWait(operator: string): PinWaiting | undefined {
    const wrong = wrongPins.get(operator) ?? 0;
    if (wrong >= 10) return { operator, code: 'PIN_LOCKED', retryAfterMs: 1_800_000 };
    return wrong >= 5 ? { operator, code: 'PIN_DELAYED', retryAfterMs: 5_000 } : undefined;
  }

  return {
    ...base,
    ...fakeSelfTest(options.checks ?? fakeChecks, nowMs),
    operators: () => fakeOperators,
    pinWaits: () => [...wrongPins.keys()].flatMap((operator) => pinWait(operator) ?? []),
    operator: (id) => fakeOperators.find((operator) => operator.id === id),
    unlock: (id, by) => by !== id && by !== 'ann' && wrongPins.delete(id),
    signIn(id, pin): Promise<SignIn> {
      const operator = fakeOperators.find((one) => one.id === id);
      if (operator && fakePins[id] === pin) {
        wrongPins.delete(id);
        return Promise.resolve({ outcome: 'done', operator });
      }
      wrongPins.set(id, (wrongPins.get(id) ?? 0) + 1);
      const { code = 'PIN_WRONG', retryAfterMs } = pinWait(id) ?? {};
      return Promise.resolve({
        outcome: 'refused',
        code,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    },
    cart: () => Promise.resolve(view()),
    changeCart(by, asked): Promise<CartAnswer> {
      const next = change(asked, by);
      if (!next.ok) return Promise.resolve({ outcome: 'refused', ...next.refusal });
      lines = next.value.lines;
      const { line } = next.value;
      const added = (asked.kind === 'add' || asked.kind === 'scan') && line !== undefined;
      return Promise.resolve({ outcome: 'done', cart: view(), ...(added && { line }) });
    },
    pay: (...asked) => Promise.resolve(pay(...asked)),
    execute(value) {
      const parsed = parseCommand(value);
      if (!parsed.ok) return { outcome: 'invalid', problems: parsed.problems };
      const decision = run(parsed.command);
      if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
      const seq = decision.kind === 'repeated' ? decision.seq : till.recorded.length;
      const number = till.recorded[seq - 1]?.body.number ?? '';
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
    recentDocuments: (limit) =>
      seqs()
        .reverse()
        .slice(0, limit)
        .flatMap((seq) => documentView(seq) ?? []),
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
        copies: copies(),
      };
    },
    meshView() {
      const { terminal, peers, version } = base.status();
      return {
        terminal,
        version,
        addresses: options.addresses ?? [],
        peers: peers.map(({ principal, linked, goneAtMs }, n) => ({
          principal,
          terminal: principal.split('-')[1] ?? principal,
          isRelay: principal.startsWith('HQ-'),
          linked: linked && base.links.get(principal) !== 'cut',
          ...(goneAtMs !== undefined && { goneAtMs }),
          cut: base.links.get(principal) === 'cut',
          dials: linked ? [] : (options.dials?.[principal] ?? []),
          version: '0.1.0',
          ...(linked && { latencyMs: 2 + n * 3, clockOffsetMs: n * 12 - 6 }),
          waiting: linked ? 0 : 3,
        })),
        onlyHere: waiting().onlyHere,
        waitingForHq: waiting().forHq,
        waitingForArchive: waiting().forArchive,
        events: peers.map(({ principal, linked }, n) => ({
          wallMs: firstMs + n * 1_000,
          kind: linked ? ('linked' as const) : ('unlinked' as const),
          peer: principal,
        })),
      };
    },
  };
}
