/**
 * Two stopped tills of one store with some thirty sales, made once: each case of the table copies the first one's
 * directory, edits the copy by hand, and asks `verify`, the next start, and whoever hears of that.
 */
import fs from 'node:fs';
import { catalogShards } from '#lib/documents/catalog-shards.ts';
import { names } from '#lib/documents/names.ts';
import type { Finding } from '#lib/domain/findings.ts';
import type { JournalKey } from '#lib/domain/ids.ts';
import type { VerifiedEntry } from '#lib/journal/envelope.ts';
import { Projections } from '#lib/projections/projections.ts';
import type { Register } from '#lib/register/register.ts';
import type { RegisterEvent } from '#lib/register/register-parts.ts';
import {
  carryOut,
  carryOver,
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  sampleStore,
  sell,
  type SampleRegisterOptions,
} from '#lib/register/sample-register.ts';
import { TamperWatch } from '#lib/register/tamper-watch.ts';
import { verifyDirectory } from '#lib/register/verify.ts';
import type { SampleHeadOffice } from '#lib/replica/sample-head-office.ts';
import { isTillmeshError } from '#lib/domain/errors.ts';
import {
  fileNow,
  isSmall,
  readSeal,
  sealedPaths,
  sealKey,
  writeSeal,
} from '#lib/storage/directory-seal.ts';
import { claimDirectory } from '#lib/storage/directory-version.ts';
import type { Disk, OpenFile } from '#lib/storage/disk.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { pathOfKey } from '#lib/storage/storage-key.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';

export type Watched = {
  readonly register: Register;
  readonly watch: TamperWatch;
  stop(): Promise<void>;
};

/** The first till as it is before an edit, and what an edit may need beside it. */
export type Ground = {
  readonly root: string;
  readonly office: SampleHeadOffice;
  readonly one: SampleRegisterOptions;
  readonly two: SampleRegisterOptions;
  /** The first till some sales earlier. */
  readonly older: string;
  readonly keyOne: JournalKey;
  readonly keyTwo: JournalKey;
  /** Everything that both tills hold before an edit. */
  readonly entries: readonly VerifiedEntry[];
  /** What stood in the place of the terminal certificate, the CA and the witness elsewhere or earlier. */
  readonly otherCompany: SampleCompany;
};

/** A copy of the first till, to be edited. Paths are within its directory. */
export class Copy {
  readonly ground: Ground;
  readonly directory: string;

  constructor(ground: Ground, name: string, from = ground.one.directory) {
    this.ground = ground;
    this.directory = `${ground.root}/${name}`;
    copyDirectory(from, this.directory);
    copyDirectory(`${ground.one.directory}-witness`, `${this.directory}-witness`);
  }

  get witness(): string {
    return `${this.directory}-witness`;
  }
  path(file: string): string {
    return file.startsWith('witness/')
      ? `${this.witness}/${file.slice(8)}`
      : `${this.directory}/${file}`;
  }
  read(file: string): Uint8Array {
    return new Uint8Array(fs.readFileSync(this.path(file)));
  }
  text(file: string): string {
    return fs.readFileSync(this.path(file), 'utf8');
  }
  write(file: string, contents: Uint8Array | string): void {
    fs.writeFileSync(this.path(file), contents, { mode: 0o600 });
  }
  remove(file: string): void {
    fs.rmSync(this.path(file), { recursive: true });
  }
  segment(journal: JournalKey, n: number): string {
    return `journals/${journal}/${n}.changes`;
  }
  /** The first piece of a document. */
  piece(name: string): string {
    const { id } = this.ground.office.rule(name);
    const beneath = pathOfKey('documents', [id]);
    for (const kind of ['snapshot', 'incremental'])
      for (const file of nodeDisk.list(this.path(`${beneath}/${kind}`)))
        return `${beneath}/${kind}/${file}`;
    throw new Error(`nothing of ${name} is stored`);
  }
  folder(name: string): string {
    return pathOfKey('documents', [this.ground.office.rule(name).id]);
  }
}

/** With rights, and with nothing of the original's dates: as `cp -rp`. */
export function copyDirectory(from: string, to: string): void {
  fs.cpSync(from, to, { recursive: true, preserveTimestamps: true });
  for (const name of ['.', 'identity'])
    if (fs.existsSync(`${to}/${name}`)) fs.chmodSync(`${to}/${name}`, 0o700);
}

/** The real disk without its waits: what a power cut takes is not the matter here. */
const hasty = (file: OpenFile): OpenFile => ({
  append: (bytes) => file.append(bytes),
  fdatasync: () => undefined,
  truncate: (length) => file.truncate(length),
  length: () => file.length(),
  close: () => file.close(),
});
const hastyDisk: Disk = {
  ...nodeDisk,
  openAppend: (path) => hasty(nodeDisk.openAppend(path)),
  create: (path) => hasty(nodeDisk.create(path)),
  syncDirectory: () => undefined,
};

/** As `startRegister` does it, without ports and pages. */
export async function openWatched(options: SampleRegisterOptions): Promise<Watched> {
  const clock = options.clock ?? sampleClock();
  claimDirectory(nodeDisk, options.directory, 'register');
  const watch = TamperWatch.begin({
    disk: hastyDisk,
    directory: options.directory,
    witnessDirectory: `${options.directory}-witness`,
    clock,
    onFound: () => undefined,
    onProblem: (error) => {
      throw error;
    },
    pauseMs: 0,
  });
  const register = await openRegister({
    ...options,
    clock,
    disk: watch.disk,
    onEvent: (event: RegisterEvent) => watch.happened(event),
  });
  watch.follow(register);
  return {
    register,
    watch,
    async stop() {
      await watch.checked;
      await register.stop();
      watch.end();
    },
  };
}

export async function prepareGround(root: string): Promise<Ground> {
  const company = await SampleCompany.create('tampering');
  const office = await sampleHeadOffice(company);
  const till = async (name: string, terminal: string): Promise<SampleRegisterOptions> => ({
    directory: `${root}/${name}`,
    company,
    terminal: await company.terminal('S01', terminal),
    // The same journals in every run: the table can be compared with what is written down.
    seed: name,
  });
  const [first, second] = [await till('one', 'T1'), await till('two', 'T2')];
  office.append(names.notices(sampleStore), { type: 'recall', sku: 'TEA' });
  office.append(names.status(sampleStore), { archive: 'a', generation: 1, tips: {} });
  for (const each of [first, second]) prepareDirectory(office, each);
  // What a till writes in the course of time: somebody was refused, somebody was barred, a number was given.
  for (const { directory } of [first, second]) {
    fs.writeFileSync(`${directory}/wrong-pins.json`, 'as it was left', { mode: 0o600 });
    fs.writeFileSync(`${directory}/bars.json`, '[]\n', { mode: 0o600 });
    fs.writeFileSync(`${directory}/api-token`, `${'t'.repeat(43)}\n`, { mode: 0o600 });
    const given = { v: 1, codes: [], given: ['T7'] };
    fs.writeFileSync(`${directory}/enrolments.json`, JSON.stringify(given), { mode: 0o600 });
  }
  const [a, b] = [await openWatched(first), await openWatched(second)];
  trade(a.register, b.register, 1);
  await Promise.all([a.stop(), b.stop()]);
  const older = `${root}/older`;
  copyDirectory(first.directory, older);
  copyDirectory(`${first.directory}-witness`, `${older}-witness`);
  releaseAgain(office, [first.directory, second.directory]);
  const [c, d] = [await openWatched(first), await openWatched(second)];
  trade(c.register, d.register, 2);
  const [keyOne, keyTwo] = [c.register.replica.own.key, d.register.replica.own.key];
  const entries = [keyOne, keyTwo].flatMap((key) =>
    [...c.register.replica.journals.reader.entriesFrom(key, 1)].flat(),
  );
  await Promise.all([c.stop(), d.stop()]);
  // A repo of this process may still tidy up behind itself; a process that has ended does not.
  const [one, two] = [first, second].map((from) => {
    const directory = `${from.directory}-stopped`;
    copyDirectory(from.directory, directory);
    copyDirectory(`${from.directory}-witness`, `${directory}-witness`);
    fs.rmSync(`${directory}/reserve`, { force: true });
    return { ...from, directory };
  });
  if (!one || !two) throw new Error('two tills');
  const otherCompany = await SampleCompany.create('another');
  return { root, office, one, two, older, keyOne, keyTwo, entries, otherCompany };
}

/** As it lies there when the plug was pulled: no seal but that of the small files. */
export function pullThePlug(directory: string): void {
  const key = sealKey(nodeDisk, directory);
  const seal = readSeal(nodeDisk, directory)?.seal;
  if (!key || !seal) throw new Error('no seal');
  const files = new Map([...seal.files].filter(([path]) => isSmall(path)));
  writeSeal(nodeDisk, directory, key, { ...seal, isWhole: false, files });
  fs.rmSync(`${directory}/journals/stopped`, { force: true });
}

/** A second release, with a new price, as the tills would have had it from head office while they were linked. */
function releaseAgain(office: SampleHeadOffice, directories: readonly string[]): void {
  office.writeProducts({
    PEN: {
      sku: 'PEN',
      names: 'Sample pen',
      barcodes: [],
      tax: 'std',
      prices: [{ unitPriceE4: 70_000 }],
      active: true,
    },
  });
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(2, [names.org(), ...shards]);
  for (const directory of directories) {
    office.plant(nodeDisk, directory);
    sealAnew(directory);
  }
}

/** As only a program with the till's key can. */
export function sealAnew(directory: string): void {
  const key = sealKey(nodeDisk, directory);
  const seal = readSeal(nodeDisk, directory)?.seal;
  if (!key || !seal) throw new Error('no seal');
  const files = new Map(
    [...sealedPaths(nodeDisk, directory)].map(
      (path) => [path, [fileNow(nodeDisk, `${directory}/${path}`, undefined) ?? null]] as const,
    ),
  );
  writeSeal(nodeDisk, directory, key, { ...seal, files });
}

/** A day of two tills: sales, a count, the day closed; the last sales are on the day after. */
function trade(a: Register, b: Register, day: number): void {
  for (const [name, till] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (let n = 1; n <= 7; n++)
      sell(till, `sale-${name}-${day}-${n}`, [{ sku: 'TEA', quantityMilli: n * 1_000 }]);
  carryOver(b, a);
  const lines = [{ sku: 'TEA', quantityMilli: 50_000 }];
  carryOut(a, { kind: 'CountStock', command: `count-of-day-${day}`, by: 'max', lines });
  carryOut(a, { kind: 'CloseDay', command: `close-of-day-${day}`, by: 'max' });
  for (let n = 1; n <= 3; n++)
    sell(a, `late-sale-${day}-${n}`, [{ sku: 'PEN', quantityMilli: 1_000 }]);
  carryOver(a, b);
  sell(b, `seen-sale-${day}`, [{ sku: 'CUP', quantityMilli: 1_000 }]);
  carryOver(b, a);
}

/** One thing that was found: its code, kind or flag, where, and at which entry. */
export type Found = readonly [code: string, where: string, seq?: number];

export type Outcome = {
  /** What the till's own list says once everything was read; or why it does not start. */
  readonly start: readonly Found[];
  /** What flags say at everybody who holds what both tills hold, head office among them. */
  readonly told: readonly Found[];
  readonly verify: readonly Found[];
  /** What `--against` the other till's directory adds. */
  readonly against: readonly Found[];
  /** Numbers of documents that the till prints after its start. */
  readonly printed: readonly string[];
};

/** What everybody says of an edited copy. It is started on the machine that it was stopped on, unless it was moved. */
export async function outcomeOf(copy: Copy, machineId = 'sample'): Promise<Outcome> {
  const { ground, directory } = copy;
  const [verify, against] = await verified(copy);
  const opened = openWatched({ ...ground.one, directory, machineId, seed: `${machineId} again` });
  const till = await opened.catch((error: unknown) => {
    if (isTillmeshError(error)) return error;
    throw error;
  });
  if (isTillmeshError(till)) {
    const start: Found[] = [[till.code, plainPlace(ground, till.detail)]];
    return { start, told: [], verify, against, printed: [] };
  }
  await till.watch.checked;
  const printed = [1, 2].map(
    (n) => sell(till.register, `after-sale-${n}`, [{ sku: 'PEN', quantityMilli: 1_000 }]).number,
  );
  // The list is told in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  const start = till.watch.list.open.map(({ code, where, seq }) =>
    foundAt(ground, code, where, seq),
  );
  const told = toldTo(ground, till.register);
  await till.stop();
  return { start: once(start), told, verify, against, printed };
}

async function verified({ ground, directory, witness }: Copy): Promise<[Found[], Found[]]> {
  const other = ground.two.directory;
  try {
    const { problems } = await verifyDirectory(directory, { witness, against: [other] });
    const [here, there] = [false, true].map((isThere) =>
      problems
        .filter(({ what }) => what.includes(other) === isThere)
        .map(({ kind, where, seq }) => foundAt(ground, kind, where, seq)),
    );
    return [once(here ?? []), once(there ?? [])];
  } catch (error) {
    if (!isTillmeshError(error)) throw error;
    return [[[error.code, plainPlace(ground, error.detail)]], []];
  }
}

const once = (found: readonly Found[]): Found[] => [
  ...new Map(found.map((one) => [one.join(' '), one])).values(),
];

const foundAt = (ground: Ground, code: string, where: string, seq: number | undefined): Found => {
  const place = plainPlace(ground, where);
  return seq === undefined ? [code, place] : [code, place, seq];
};

/** Names in place of keys and hashes: the same for everybody who reads the table. */
function plainPlace({ root, office, keyOne, keyTwo }: Ground, where: string): string {
  let place = where.replace(new RegExp(`^${root}/[^/ ]+/?`), '').replaceAll(/^\/+/g, '');
  for (const [key, name] of [
    [keyOne, 'T1'],
    [keyTwo, 'T2'],
  ] as const)
    place = place.replaceAll(key, name).replaceAll(key.split('/').at(-1) ?? key, name);
  const [top, first = '', second = ''] = place.split('/');
  if (top !== 'documents') return place;
  const rule = [...office.registry.rules()].find(({ id }) => id === first + second);
  const list = `inventory/T1`;
  return `documents: ${rule?.name.replace(keyOne, 'T1') ?? list}`;
}

/** What the flags of a replica say that has everything that both tills have written. */
function toldTo(ground: Ground, { replica }: Register): Found[] {
  const elsewhere = Projections.open({ file: ':memory:', store: sampleStore, own: undefined });
  try {
    elsewhere.fold(ground.entries);
    for (const journal of replica.journals.keys())
      for (const entries of replica.journals.reader.entriesFrom(journal, 1))
        elsewhere.fold(entries);
    const files = elsewhere
      .flags({ kind: 'files-changed' })
      .flatMap(({ cause }) =>
        (cause['seen'] as readonly (Finding & { entrySeq?: number })[]).map(
          ({ code, where, entrySeq }) => foundAt(ground, code, where, entrySeq),
        ),
      );
    const forks = elsewhere
      .flags({ kind: 'terminal-fork' })
      .map(({ subject, cause }) =>
        foundAt(ground, 'terminal-fork', subject.join('/'), Number(cause['seq'])),
      );
    return once([...files.toReversed(), ...forks]);
  } finally {
    elsewhere.close();
  }
}
