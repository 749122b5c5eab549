/** The promises, checked on a shop that is quiet: against the ledger of what was said, and against a model of its own. */
import type { EntryHash, JournalKey, Sku } from '#lib/domain/ids.ts';
import { parseNumber } from '#lib/domain/series.ts';
import type { VerifiedEntry } from '#lib/journal/envelope.ts';
import type { Projections } from '#lib/projections/projections.ts';
import { entriesOn } from './disk-entries.ts';
import { store } from './goods.ts';
import type { Ledger } from './ledger.ts';
import type { Shop } from './shop.ts';
import type { Till } from './till.ts';
import { stockModel, type Movement } from './stock-model.ts';

const dayMs = 86_400_000;
/** As D8 has it. */
const daysBack = 7;

const documentTypes = new Set([
  'SaleCompleted',
  'ReturnCompleted',
  'StockAdjusted',
  'LedgerAdjusted',
  'StockCounted',
  'DayClosed',
]);

export function checkPromises(
  shop: Shop,
  ledger: Ledger,
  forkable: ReadonlySet<JournalKey>,
): { forks: number } {
  const say = (what: string) => shop.violation(what);
  const archived = shop.hq.archive.entries();
  const all = new Map<EntryHash, VerifiedEntry>();
  for (const read of [archived, ...shop.devices.map((one) => entriesOn(one.machine.disk))].flat())
    all.set(read.hash, read);
  const entries = [...all.values()];

  checkPresence(shop, all, archived, say);
  checkAcknowledged(ledger, all, say);
  const forked = checkJournals(entries, forkable, say);
  checkCommands(ledger, entries, forked, say);
  checkNumbers(entries, forked, say);

  const movements: Movement[] = entries.flatMap((read) =>
    [...(effectOf(ledger, read)?.movements ?? [])].map(([sku, milli]) => ({ read, sku, milli })),
  );
  const totalMinor = entries.reduce(
    (sum, read) => sum + (effectOf(ledger, read)?.totalMinor ?? 0),
    0,
  );
  const stock = stockModel(entries, movements);
  // Two devices that met before both had written on: a fork that has no branches, and was said.
  const hasDoubles = entries.some(
    ({ entry: { type, body } }) => type === 'ForkSeen' && body['live'] === true,
  );
  for (const [name, models] of readModels(shop)) {
    checkFigures(name, models, { stock, totalMinor, hasForks: forked.size > 0, hasDoubles }, say);
    checkRefunds(name, models, ledger, entries, say);
  }
  checkEqual(shop, say);
  for (const till of shop.tills) checkDesks(till, say);
  return { forks: forked.size };
}

/**
 * D8: a till keeps the desks of the days around its own clock, and beyond them only one that had a cart of its own, until
 * the day after that was paid.
 */
function checkDesks(till: Till, say: (what: string) => void): void {
  const { running } = till;
  if (!till.isSelling || !running) return;
  const { desks, registry } = running.replica;
  // One that another till recalled since was its own as well.
  const own = [...desks.carts()].filter(
    ({ id, terminal }) => terminal === till.terminal || id.startsWith(`${till.terminal}-`),
  );
  const held = new Set(own.map(({ id }) => desks.dayOf(id)));
  const today = Math.floor(till.clock.wallMs() / dayMs);
  for (const rule of registry.rules()) {
    if (rule.kind !== 'desk' || held.has(rule.day)) continue;
    const age = today - Date.parse(rule.day) / dayMs;
    // The day may just have changed: it is looked at whenever a peer says something.
    if (age > daysBack + 1 || age < -2) say(`D8: ${till.name} keeps the desk of ${rule.day}`);
  }
}

/** P1: every entry is on every disk and in the archive, exactly once. */
function checkPresence(
  shop: Shop,
  all: ReadonlyMap<EntryHash, VerifiedEntry>,
  archived: readonly VerifiedEntry[],
  say: (what: string) => void,
): void {
  const places: [string, readonly VerifiedEntry[]][] = [
    ['the archive', archived],
    ...shop.devices.map(
      (device) => [device.name, entriesOn(device.machine.disk)] as [string, VerifiedEntry[]],
    ),
  ];
  for (const [place, reads] of places) {
    const times = new Map<EntryHash, number>();
    for (const { hash } of reads) times.set(hash, (times.get(hash) ?? 0) + 1);
    for (const [hash, read] of all) {
      const count = times.get(hash) ?? 0;
      if (count !== 1) say(`P1: ${nameOf(read)} is ${count} times in ${place}`);
    }
  }
}

function checkAcknowledged(
  ledger: Ledger,
  all: ReadonlyMap<EntryHash, VerifiedEntry>,
  say: (what: string) => void,
): void {
  for (const { hash, journal, seq, number } of ledger.acknowledged) {
    const read = all.get(hash);
    if (!read && !ledger.mayBeGone.has(hash))
      say(`P1: ${number} (${journal} ${seq}) was acknowledged and is gone`);
    else if (read && (read.journal !== journal || read.entry.seq !== seq))
      say(`P1: ${number} was acknowledged as ${journal} ${seq} and is ${nameOf(read)}`);
    else if (read && read.entry.body.number !== number)
      say(`P3: ${number} was acknowledged and ${String(read.entry.body.number)} is written`);
  }
}

/** Seqs without gaps, each entry on the one before, clocks that rise. Returns the journals with two branches. */
function checkJournals(
  entries: readonly VerifiedEntry[],
  forkable: ReadonlySet<JournalKey>,
  say: (what: string) => void,
): Set<JournalKey> {
  const forked = new Set<JournalKey>();
  const byHash = new Map(entries.map((read) => [read.hash as string, read]));
  const places = new Set<string>();
  for (const read of entries) {
    const { seq, prev, at } = read.entry;
    const place = `${read.journal} ${seq}`;
    if (places.has(place)) forked.add(read.journal);
    places.add(place);
    if (seq === 1) {
      if (prev !== '-') say(`P3: ${nameOf(read)} is the first and follows something`);
      continue;
    }
    const before = byHash.get(prev);
    if (before?.journal !== read.journal || before.entry.seq !== seq - 1)
      say(`P3: ${nameOf(read)} does not follow its predecessor`);
    else if (before.entry.at >= at)
      say(`P4: the clock of ${nameOf(read)} is not above the one before`);
  }
  for (const journal of forked)
    if (!forkable.has(journal)) say(`P3: ${journal} has two branches, and nobody made it fork`);
  return forked;
}

/** Each command once; a refused one never; an unanswered one whole or not at all. */
function checkCommands(
  ledger: Ledger,
  entries: readonly VerifiedEntry[],
  forked: ReadonlySet<JournalKey>,
  say: (what: string) => void,
): void {
  const done = new Map<string, VerifiedEntry>();
  for (const read of entries) {
    const { type, command } = read.entry;
    if (!documentTypes.has(type)) continue;
    const issued = ledger.issued.get(command);
    const other = done.get(command);
    if (other) say(`P3: ${command} was done twice: ${nameOf(other)} and ${nameOf(read)}`);
    done.set(command, read);
    if (!issued) say(`P1: nobody gave the command of ${nameOf(read)}`);
    else if (issued.state === 'refused') say(`P1: ${command} was refused and is ${nameOf(read)}`);
    else if (issued.acknowledged && issued.acknowledged.hash !== read.hash && !forked.size)
      say(`P1: ${command} was acknowledged and is another document, ${nameOf(read)}`);
    const totalMinor = issued?.order.effect.totalMinor;
    const written = read.entry.body.totalMinor;
    if (typeof written === 'number' && type !== 'DayClosed' && written !== totalMinor)
      say(`P9: ${nameOf(read)} says ${written} cents and should say ${totalMinor}`);
  }
}

/** P3: a number stands for one document, and a series has no holes. */
function checkNumbers(
  entries: readonly VerifiedEntry[],
  forked: ReadonlySet<JournalKey>,
  say: (what: string) => void,
): void {
  const byNumber = new Map<string, VerifiedEntry>();
  const series = new Map<string, number[]>();
  for (const read of entries) {
    const { number } = read.entry.body;
    if (typeof number !== 'string') continue;
    const other = byNumber.get(number);
    if (other && !(other.journal === read.journal && forked.has(read.journal)))
      say(`P3: ${number} is ${nameOf(other)} and ${nameOf(read)}`);
    byNumber.set(number, read);
    const parsed = parseNumber(number);
    if (!parsed) say(`P3: ${number} is no number`);
    else {
      const key = `${read.journal} ${parsed.letter} ${parsed.code}`;
      series.set(key, [...(series.get(key) ?? []), parsed.n]);
    }
  }
  for (const [key, numbers] of series) {
    const used = new Set(numbers);
    for (let n = 1; n <= Math.max(...numbers); n++)
      if (!used.has(n)) say(`P3: ${key} has no number ${n}`);
  }
}

/** P6, P9, N12: figures and flags as the model has them. */
function checkFigures(
  name: string,
  models: Projections,
  model: {
    stock: ReadonlyMap<Sku, number>;
    totalMinor: number;
    hasForks: boolean;
    hasDoubles: boolean;
  },
  say: (what: string) => void,
): void {
  const figures = new Map(models.stockAll().map((one) => [one.sku, one.quantityMilli]));
  const short = new Set(models.flags({ kind: 'oversell' }).map(({ subject }) => subject[0]));
  for (const sku of new Set([...figures.keys(), ...model.stock.keys()])) {
    const milli = model.stock.get(sku);
    if (figures.get(sku) !== milli)
      say(`P6: ${name} has ${figures.get(sku)} of ${sku}, the model has ${milli}`);
    if (short.has(sku) !== (milli ?? 0) < 0)
      say(`P5: ${name} ${short.has(sku) ? 'flags' : 'does not flag'} ${sku} with ${milli}`);
  }
  const total = models.totals().totalMinor.EUR ?? 0;
  if (total !== model.totalMinor)
    say(`P9: ${name} has a total of ${total} cents, the model has ${model.totalMinor}`);
  const flags = models.flagCounts();
  for (const kind of ['number-hole', 'refused-document', 'foreign-write'] as const)
    if (flags[kind]) say(`P5: ${name} flags ${flags[kind]} ${kind}`);
  const { hasForks, hasDoubles } = model;
  if (flags['number-double'] && !hasForks) say(`P5: ${name} flags number-double and there is none`);
  if (flags['terminal-fork'] && !hasForks && !hasDoubles)
    say(`P5: ${name} flags terminal-fork and there is none`);
  if ((hasForks || hasDoubles) && !flags['terminal-fork'])
    say(`P3: ${name} does not flag the fork`);
}

/** P5: what came back more often than it was sold, under this number, is flagged, and nothing else is. */
function checkRefunds(
  name: string,
  models: Projections,
  ledger: Ledger,
  entries: readonly VerifiedEntry[],
  say: (what: string) => void,
): void {
  // A fork sold twice in one place: a return names the place alone.
  const placeOf = ({ journal, entry }: VerifiedEntry) => `${journal} ${entry.seq}`;
  const places = new Map<string, string>(entries.map((read) => [read.hash, placeOf(read)]));
  const left = new Map<string, number>();
  const add = (place: string | undefined, line: number, milli: number) =>
    left.set(`${place} ${line}`, (left.get(`${place} ${line}`) ?? 0) + milli);
  for (const read of entries) {
    const { sold = [], returns } = effectOf(ledger, read) ?? {};
    for (const [line, { quantityMilli }] of sold.entries()) add(placeOf(read), line, quantityMilli);
    if (returns) add(places.get(returns.of), returns.ofLine, -returns.quantityMilli);
  }
  const over = [...left.values()].filter((milli) => milli < 0).length;
  const flagged = models.flagCounts()['over-refund'] ?? 0;
  if (over !== flagged)
    say(`P5: of ${over} lines more came back than was sold, ${name} flags ${flagged}`);
}

/** P4: the same entries, the same everything. */
function checkEqual(shop: Shop, say: (what: string) => void): void {
  const [first, ...others] = readModels(shop);
  if (!first) return;
  const reference = JSON.stringify(first[1].dump());
  for (const [name, models] of others)
    if (JSON.stringify(models.dump()) !== reference)
      say(
        `P4: ${name} and ${first[0]} have the same entries and differ: ${difference(first[1].dump(), models.dump())}`,
      );
}

function difference(a: object, b: object): string {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const tables = [...left.keys()].filter(
    (table) => JSON.stringify(left.get(table)) !== JSON.stringify(right.get(table)),
  );
  const rows = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).map((row) => JSON.stringify(row));
  return tables
    .map((table) => {
      const [mine, theirs] = [rows(left.get(table)), rows(right.get(table))];
      return `${table}: ${mine
        .filter((row) => !theirs.includes(row))
        .slice(0, 3)
        .join()} | ${theirs
        .filter((row) => !mine.includes(row))
        .slice(0, 3)
        .join()}`;
    })
    .join('; ');
}

export function readModels(shop: Shop): [string, Projections][] {
  const relay = shop.hq.running?.readSide(store)?.models;
  return [
    ...(relay ? ([['hq', relay]] as [string, Projections][]) : []),
    ...shop.tills.flatMap((till) =>
      till.isSelling && till.running
        ? ([[till.name, till.running.models]] as [string, Projections][])
        : [],
    ),
  ];
}

const effectOf = (ledger: Ledger, { entry }: VerifiedEntry) =>
  documentTypes.has(entry.type) ? ledger.issued.get(entry.command)?.order.effect : undefined;

const nameOf = ({ journal, hash, entry }: VerifiedEntry): string =>
  `${entry.type} ${journal} ${entry.seq} (${hash.slice(0, 6)})`;
