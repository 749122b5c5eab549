import fc from 'fast-check';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { names } from '../documents/names.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { JournalKey } from '../domain/ids.ts';
import type { Json } from '../journal/canonical-json.ts';
import type { Entry } from '../journal/envelope.ts';
import { readPeriod } from '../replica/inventory-periods.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { lockDirectory } from '../storage/directory-lock.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import type { RecordFields } from '../trust/signed-record.ts';
import type { Register } from './register.ts';
import {
  carryOut,
  carryOver,
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  sampleStore,
  sell,
  type SampleRegisterOptions,
} from './sample-register.ts';
import { closeSegment, openSegment, relinked, withEdit } from './sample-tampering.ts';
import { verifyDirectory } from './verify.ts';
import type { Problem, ProblemKind, Verification } from './verify-report.ts';

let root: string;
let office: SampleHeadOffice;
let one: SampleRegisterOptions;
let two: SampleRegisterOptions;
let keyOne: JournalKey;
let keyTwo: JournalKey;
/** What the registers showed before they were stopped. */
let shown: { stockHash: string; totals: unknown; tips: unknown };

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-verify-test-'));
  const company = await SampleCompany.create('verify');
  office = await sampleHeadOffice(company);
  one = { directory: `${root}/one`, company, terminal: await company.terminal('S01', 'T1') };
  two = { directory: `${root}/two`, company, terminal: await company.terminal('S01', 'T2') };
  prepareDirectory(office, one);
  prepareDirectory(office, two);
  const [a, b] = [await openRegister(one), await openRegister(two)];
  trade(a, b);
  // Inventory periods are written after the acknowledgement.
  await until(() => a.replica.repo.handles !== undefined && periodsOf(a) === 3);
  keyOne = a.replica.own.key;
  keyTwo = b.replica.own.key;
  shown = { stockHash: a.models.stockHash(), totals: a.models.totals(), tips: a.models.tips() };
  expect(b.models.stockHash()).toBe(shown.stockHash);
  await a.stop();
  await b.stop();
  for (const { directory } of [one, two]) fs.rmSync(`${directory}/reserve`);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Three days of two tills: sales, a return, a batch, a delivery, a count that cuts a day in two. */
function trade(a: Register, b: Register): void {
  for (let day = 1; day <= 3; day++) {
    for (const [name, till] of [
      ['a', a],
      ['b', b],
    ] as const)
      for (let n = 1; n <= 4; n++)
        sell(till, `sale-${name}-${day}-${n}`, [
          { sku: 'TEA', quantityMilli: n * 1_000 },
          { sku: 'MILK', quantityMilli: 500, batch: `L${day}` },
        ]);
    carryOver(b, a);
    const lines = [{ sku: 'TEA', quantityMilli: 50_000 * day }];
    if (day === 2) carryOut(a, { kind: 'CountStock', command: 'count-a-2', by: 'max', lines });
    sell(a, `after-count-${day}`, [{ sku: 'PEN', quantityMilli: 3_000 }]);
    carryOut(b, { kind: 'AdjustStock', command: `delivery-${day}`, by: 'max', reason: 'x', lines });
    carryOut(a, { kind: 'CloseDay', command: `close-a-${day}`, by: 'max' });
    carryOver(a, b);
    carryOver(b, a);
  }
  const of = { journal: a.replica.own.key, seq: 2 };
  const lines = [{ ofLine: 0, quantityMilli: 1_000 }];
  carryOut(b, {
    kind: 'CompleteReturn',
    command: 'return-b',
    by: 'max',
    of,
    lines,
    tenders: [{ kind: 'cash', amountMinor: 199 }],
  });
  sell(a, 'last-of-a', [{ sku: 'CUP', quantityMilli: 1_000 }]);
  carryOver(a, b);
  carryOver(b, a);
}

function periodsOf({ replica }: Register): number {
  const rule = [...replica.registry.rules()].find(
    (one) => one.kind === 'records' && one.list === 'inventory' && one.journal === replica.own.key,
  );
  return rule?.kind === 'records' ? replica.records.records(rule).length : 0;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 10_000) throw new Error('it does not come about');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** With the rights of the original, which `cpSync` gives to files alone. */
function copyOf(original: string): void {
  fs.cpSync(original, directory, { recursive: true });
  for (const path of [directory, `${directory}/identity`]) fs.chmodSync(path, 0o700);
}

let copies = 0;
let directory: string;
beforeEach(() => {
  directory = `${root}/copy-${++copies}`;
  copyOf(one.directory);
});

const fileOf = (key: JournalKey, segment: number) => `journals/${key}/${segment}.changes`;
const read = (file: string) => new Uint8Array(fs.readFileSync(`${directory}/${file}`));
const write = (file: string, bytes: Uint8Array) => fs.writeFileSync(`${directory}/${file}`, bytes);
const segmentOf = (key: JournalKey, segment: number) =>
  openSegment(read(fileOf(key, segment)), key, segment);
const kinds = ({ problems }: Verification): Set<ProblemKind> =>
  new Set(problems.map(({ kind }) => kind));
const named = ({ problems }: Verification, kind: ProblemKind, where: string): Problem[] =>
  problems.filter((one) => one.kind === kind && one.where === where);
const dearer = (entry: Entry): Entry => ({ ...entry, body: { ...entry.body, totalMinor: 1 } });

function treeHash(): string {
  const hash = createHash('sha256');
  const files = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of files) {
    const stat = fs.statSync(`${directory}/${name}`);
    hash.update(`${name} ${stat.size} ${stat.mtimeMs}\n`);
    if (stat.isFile()) hash.update(read(name));
  }
  return hash.digest('hex');
}

describe('verify', () => {
  it('P6: a sound directory is found sound, and recomputed to the figures that the till showed', async () => {
    const result = await verifyDirectory(directory);
    expect(result.problems).toEqual([]);
    expect(result).toMatchObject({ ok: true, role: 'register', stockHash: shown.stockHash });
    expect(result.totals).toEqual(shown.totals);
    expect(Object.fromEntries(result.journals.map(({ journal, last }) => [journal, last]))).toEqual(
      shown.tips,
    );
    expect(result.journals.find(({ own }) => own)).toMatchObject({
      journal: keyOne,
      segments: [1, 2, 3, 4],
      forked: false,
      periods: 3,
    });
    expect(result.series).toContainEqual({
      journal: keyOne,
      series: 'S01-T1A-S',
      first: 1,
      last: 16,
      documents: 16,
      holes: [],
      doubles: [],
    });
    expect(result.stores).toMatchObject([{ store: 'S01', projections: 'equal', behind: 0 }]);
  });

  it('a witness that is kept elsewhere is missed with the place that was looked at and the option that names it', async () => {
    const elsewhere = `${root}/no-witness`;
    const { ok, problems } = await verifyDirectory(directory, { witness: elsewhere });
    expect([ok, problems]).toEqual([
      false,
      [expect.objectContaining({ kind: 'missing', where: expect.stringMatching(/^witness/) })],
    ]);
    expect(problems[0]?.what).toContain(`looked for in ${elsewhere}: `);
    expect(problems[0]?.what).toContain('--witness');
    const there = await verifyDirectory(directory, { witness: `${one.directory}-witness` });
    expect(there.problems).toEqual([]);
  });

  it('X11: nothing in the directory is changed by looking at it, sound or not', async () => {
    const sound = treeHash();
    await verifyDirectory(directory);
    expect(treeHash()).toBe(sound);
    write(fileOf(keyOne, 2), read(fileOf(keyOne, 2)).subarray(0, -7));
    fs.writeFileSync(`${directory}/projections.db`, 'x'.repeat(5_000));
    const damaged = treeHash();
    expect((await verifyDirectory(directory)).ok).toBe(false);
    expect(treeHash()).toBe(damaged);
  });

  it('a directory in use is left alone, and so is one that is none of ours', async () => {
    const lock = lockDirectory(directory);
    await expect(verifyDirectory(directory)).rejects.toSatisfy((error) =>
      isTillmeshError(error, 'DIRECTORY_LOCKED'),
    );
    lock.release();
    await expect(verifyDirectory(root)).rejects.toSatisfy((error) =>
      isTillmeshError(error, 'DIRECTORY_EMPTY'),
    );
    fs.writeFileSync(`${directory}/format.json`, '{"format":99,"role":"register"}');
    await expect(verifyDirectory(directory)).rejects.toSatisfy((error) =>
      isTillmeshError(error, 'DIRECTORY_NEWER'),
    );
  });

  it('a relay’s directory is checked by the same rules', async () => {
    fs.writeFileSync(`${directory}/format.json`, '{"format":1,"role":"relay"}');
    fs.renameSync(`${directory}/projections.db`, `${directory}/projections-S01.db`);
    const result = await verifyDirectory(directory);
    expect(result).toMatchObject({ ok: true, role: 'relay', stockHash: shown.stockHash });
  });

  it('X11: one byte flipped anywhere in a journal is found, in the file where it is', async () => {
    const files = [1, 2, 3, 4].map((n) => fileOf(keyOne, n)).concat(fileOf(keyTwo, 1));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (file, place, mask) => {
          const bytes = read(file);
          const at = Math.floor(place * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ mask;
          const sound = read(file);
          write(file, bytes);
          const result = await verifyDirectory(directory);
          write(file, sound);
          expect(result.ok).toBe(false);
          expect(
            named(result, 'damaged', file).length + named(result, 'torn', file).length,
          ).toBeGreaterThan(0);
        },
      ),
      { numRuns: 20, seed: 7 },
    );
  });

  it('X11: an edited entry whose chunk got a fitting checksum does not carry its signature', async () => {
    const file = fileOf(keyOne, 2);
    const segment = segmentOf(keyOne, 2);
    write(file, withEdit(segment, 3, dearer));
    const result = await verifyDirectory(directory);
    const { seq } = segment.entries[3] ?? { seq: 0 };
    expect(named(result, 'edited', file)).toMatchObject([{ seq }]);
    expect(named(result, 'edited', file)[0]?.what).toMatch(/signature/);
    expect(kinds(result)).not.toContain('damaged');
    // What cannot be proven is not counted, and the read models remember what it was.
    expect(named(result, 'missing', 'projections.db')).toMatchObject([{ seq }]);
    expect(result.stores[0]?.projections).toBe('differ');
  });

  it('X11: an edited entry with every hash and checksum after it computed anew has no valid signature from there on', async () => {
    const file = fileOf(keyOne, 2);
    const segment = segmentOf(keyOne, 2);
    const before = segment.entries[0]?.prev ?? '-';
    write(
      file,
      relinked(
        segment,
        segment.entries.map((entry, at) => (at === 2 ? dearer(entry) : entry)),
        before,
      ),
    );
    const result = await verifyDirectory(directory);
    expect(named(result, 'edited', file).map(({ seq }) => seq)).toEqual(
      segment.entries.slice(2).map(({ seq }) => seq),
    );
  });

  it('X11: an entry cut out of the middle is missed by name', async () => {
    const file = fileOf(keyOne, 2);
    const { genesis, changes, entries } = segmentOf(keyOne, 2);
    write(file, closeSegment(genesis, changes.toSpliced(2, 1)));
    const { seq } = entries[2] ?? { seq: 0 };
    const result = await verifyDirectory(directory);
    expect(named(result, 'missing', file)).toMatchObject([{ seq, what: 'it is missing' }]);
    expect(named(result, 'missing', names.inventory(keyOne))).toHaveLength(1);
    // While something is missing, a missing number is no hole.
    expect(kinds(result)).not.toContain('hole');
  });

  it('X11: an entry cut out with all links made anew is found by the signatures behind it', async () => {
    const file = fileOf(keyOne, 2);
    const segment = segmentOf(keyOne, 2);
    const before = segment.entries[0]?.prev ?? '-';
    write(file, relinked(segment, segment.entries.toSpliced(2, 1), before));
    const result = await verifyDirectory(directory);
    expect(named(result, 'edited', file)).toHaveLength(segment.entries.length - 3);
    expect(named(result, 'missing', file)).toMatchObject([{ seq: segment.entries[2]?.seq }]);
  });

  it('X11: a segment that is gone is named, in the middle and at the end', async () => {
    const all = segmentOf(keyOne, 2).entries;
    fs.rmSync(`${directory}/${fileOf(keyOne, 2)}`);
    expect(named(await verifyDirectory(directory), 'missing', fileOf(keyOne, 2))).toMatchObject([
      { seq: all[0]?.seq, what: expect.stringContaining('so is the file') },
    ]);
    copyOf(one.directory);
    const last = segmentOf(keyOne, 4).entries[0]?.seq ?? 0;
    fs.rmSync(`${directory}/${fileOf(keyOne, 4)}`);
    const result = await verifyDirectory(directory);
    expect(named(result, 'missing', 'projections.db')).toMatchObject([{ seq: last }]);
  });

  it('X11: a tail that is gone from journal and read models is known from what other tills saw', async () => {
    fs.rmSync(directory, { recursive: true });
    copyOf(two.directory);
    fs.rmSync(`${directory}/projections.db`);
    const { genesis, changes } = segmentOf(keyTwo, 1);
    write(fileOf(keyTwo, 1), closeSegment(genesis, changes.slice(0, 5)));
    const result = await verifyDirectory(directory);
    expect(named(result, 'missing', `journals/${keyTwo}`)[0]?.what).toContain(keyOne);
  });

  it('X11: a journal of this till that is gone as a whole is missed, whatever else went with it', async () => {
    const where = `journals/${keyOne}`;
    fs.rmSync(`${directory}/${where}`, { recursive: true });
    fs.rmSync(`${directory}/projections.db`);
    const [gone, seen, ...more] = named(await verifyDirectory(directory), 'missing', where);
    expect(gone?.what).toContain('the journal of this till is gone');
    // One line for all that T2 saw, not one for each of its entries.
    // The last of T1 was sold after the last of T2.
    expect(seen).toMatchObject({ seq: Number((shown.tips as Record<string, number>)[keyOne]) - 1 });
    expect(seen?.what).toContain(keyTwo);
    expect(more).toEqual([]);
    fs.rmSync(`${directory}/journals`, { recursive: true });
    expect(named(await verifyDirectory(directory), 'missing', where)).toHaveLength(1);
  });

  it('X11: an earlier life whose journal or tail is gone is missed by the life that continued it', async () => {
    const end = segmentOf(keyOne, 4);
    const last = end.entries.at(-1)?.seq ?? 0;
    const register = await openRegister({ ...one, directory, machineId: 'another' });
    const key = register.replica.own.key;
    expect(key).not.toBe(keyOne);
    await register.stop();
    expect((await verifyDirectory(directory)).problems).toEqual([]);
    fs.rmSync(`${directory}/projections.db`);
    const { genesis, changes } = segmentOf(keyOne, 4);
    write(fileOf(keyOne, 4), closeSegment(genesis, changes.slice(0, -1)));
    const result = await verifyDirectory(directory);
    expect(named(result, 'missing', `journals/${keyOne}`)).toMatchObject([
      { seq: last, what: expect.stringContaining(`${key} seq 1`) },
    ]);
    fs.rmSync(`${directory}/journals/${keyOne}`, { recursive: true });
    const [missed] = named(await verifyDirectory(directory), 'missing', `journals/${keyOne}`);
    expect(missed).toMatchObject({ seq: last });
  });

  it.each([
    ['a stock figure', `update stock set quantity = quantity + 1000 where sku = 'TEA'`, 'stock'],
    [
      'a total',
      `update day_totals set total = total - 1 where type = 'SaleCompleted'`,
      'dayTotals',
    ],
    ['an amount', `update documents set total = 1 where number = 'S01-T1A-S-3'`, 'documents'],
    ['a movement', `delete from movements where rowid_of is null`, 'movements'],
    ['a last number', `update numbers set last = last + 1`, 'numbers'],
    ['a flag', `insert into flags values ('f', 'oversell', '["TEA"]', '{}')`, 'flags'],
  ])('P6: read models in which %s was edited by SQL say something else', async (_, sql, table) => {
    const database = new DatabaseSync(`${directory}/projections.db`);
    database.exec(
      sql.includes('rowid_of')
        ? `delete from movements where (sku, entry) in (select sku, entry from movements limit 1)`
        : sql,
    );
    database.close();
    const result = await verifyDirectory(directory);
    expect(result.ok).toBe(false);
    expect(kinds(result)).toEqual(new Set(['differs']));
    expect(result.problems.every(({ what }) => what.startsWith(table))).toBe(true);
    expect(result.stores[0]).toMatchObject({ stockHash: shown.stockHash, projections: 'differ' });
  });

  it('P6: an entry taken out of the read models is found, one not yet taken in is not held against them', async () => {
    const database = new DatabaseSync(`${directory}/projections.db`);
    database.exec(`delete from entries where seq = 3`);
    database.close();
    const result = await verifyDirectory(directory);
    expect(named(result, 'differs', 'projections.db')[0]).toMatchObject({
      seq: 3,
      what: expect.stringMatching(/lacks an entry/),
    });
    copyOf(one.directory);
    const register = await openRegister({ ...one, directory });
    const journal = register.replica.own.key;
    await register.stop();
    const before = fs.readFileSync(`${directory}/projections.db`);
    const again = await openRegister({ ...one, directory, seed: 'later' });
    sell(again, 'one-more-sale', [{ sku: 'TEA', quantityMilli: 1_000 }]);
    await again.stop();
    fs.writeFileSync(`${directory}/projections.db`, before);
    const later = await verifyDirectory(directory);
    expect(later.problems).toEqual([]);
    expect(later.stores).toMatchObject([{ projections: 'equal', behind: 1 }]);
    expect(later.journals.find((report) => report.journal === journal)?.own).toBe(true);
  });

  it('without read models nothing is wrong: they can be made from the journals', async () => {
    fs.rmSync(`${directory}/projections.db`);
    const result = await verifyDirectory(directory);
    expect(result).toMatchObject({ ok: true, stores: [{ projections: 'absent' }] });
  });

  it('P3: a fork is named with its place, both sides are counted, and a number of both is a double', async () => {
    const other = `${root}/clone-${copies}`;
    fs.cpSync(directory, other, { recursive: true });
    const [here, clone] = [
      await openRegister({ ...one, directory, seed: 'here' }),
      await openRegister({ ...one, directory: other, seed: 'there' }),
    ];
    const { seq } = sell(here, 'sold-here', [{ sku: 'TEA', quantityMilli: 1_000 }]);
    sell(clone, 'sold-there', [{ sku: 'TEA', quantityMilli: 2_000 }]);
    const journal = here.replica.own.key;
    expect(clone.replica.own.key).toBe(journal);
    const third = await openRegister({ ...two, seed: 'third' });
    carryOver(here, third);
    const rule = third.replica.registry.journalRule(journal, 4);
    const fromClone = clone.replica.journals.reader.after(
      journal,
      seq - 1,
      clone.replica.journals.reader.hashAt(journal, seq - 1) ?? '-',
      9,
      1 << 20,
    );
    if (!rule || !fromClone) throw new Error('nothing to carry over');
    third.replica.journals.receive(rule, fromClone.changes, 'clone');
    for (const register of [here, clone, third]) await register.stop();
    const result = await verifyDirectory(two.directory);
    expect(named(result, 'forked', fileOf(journal, 4))).toMatchObject([{ seq }]);
    expect(named(result, 'double', `journals/${journal}`)).toHaveLength(1);
    expect(kinds(result)).toEqual(new Set(['forked', 'double']));
    expect(result.journals.find((report) => report.journal === journal)).toMatchObject({
      forked: true,
      last: seq,
    });
    expect(result.stores).toMatchObject([{ projections: 'equal' }]);
    fs.rmSync(other, { recursive: true });
  });

  it('X3: a journal whose certificates lead to another company proves nothing', async () => {
    const stranger = await SampleCompany.create('stranger');
    const office = await sampleHeadOffice(stranger);
    const foreign = {
      directory: `${root}/foreign`,
      company: stranger,
      terminal: await stranger.terminal('S01', 'T7'),
    };
    prepareDirectory(office, foreign);
    const register = await openRegister(foreign);
    sell(register, 'forged-sale', [{ sku: 'TEA', quantityMilli: 1_000 }]);
    const { key } = register.replica.own;
    await register.stop();
    fs.cpSync(`${foreign.directory}/journals/${key}`, `${directory}/journals/${key}`, {
      recursive: true,
    });
    const result = await verifyDirectory(directory);
    expect(named(result, 'untrusted', fileOf(key, 1))).toMatchObject([{ seq: 1 }]);
    expect(result.journals.find(({ journal }) => journal === key)?.entries).toBe(0);
    expect(result.stockHash).toBe(shown.stockHash);
  });

  it('K4: a period that its own writer signed and that is false is named; the genuine ones are not doubted', async () => {
    const register = await openRegister({ ...one, directory, seed: 'false period' });
    const rule = await register.replica.openRecords(names.inventory(keyOne));
    const [first] = register.replica.records
      .records(rule)
      .flatMap(({ fields }) => readPeriod(fields) ?? []);
    if (!first) throw new Error('no period');
    const movements: Json = [['TEA', '', 1_000_000]];
    register.replica.records.append(rule, { ...(first as unknown as RecordFields), movements });
    await register.stop();
    const result = await verifyDirectory(directory);
    expect(named(result, 'differs', names.inventory(keyOne))).toMatchObject([{ seq: 1 }]);
    expect(kinds(result)).toEqual(new Set(['differs']));
    expect(result.journals.find(({ own }) => own)?.periods).toBe(3);
    expect(result.stockHash).toBe(shown.stockHash);
  });

  it('X11: the archive’s signed tips show an own tail that is gone, and an entry that was another', async () => {
    const { entries } = segmentOf(keyOne, 4);
    const last = entries.at(-1)?.seq ?? 0;
    const tips = (seq: number, hash: string) => ({
      archive: 'main',
      generation: 1,
      tips: { [keyOne]: { seq, hash } },
    });
    office.append(names.status(sampleStore), tips(last + 7, 'A'.repeat(43)));
    office.append(names.status(sampleStore), tips(2, 'A'.repeat(43)));
    office.append(names.status(sampleStore), tips(3, 'B'.repeat(43)));
    office.append(names.status(sampleStore), { tips: [null] });
    office.plant(nodeDisk, directory);
    const result = await verifyDirectory(directory);
    expect(named(result, 'missing', `journals/${keyOne}`)).toMatchObject([{ seq: last + 7 }]);
    expect(named(result, 'edited', `journals/${keyOne}`)).toMatchObject([{ seq: 2 }]);
  });

  it('X11: a damaged piece of a document is named', async () => {
    const pieces = fs
      .readdirSync(`${directory}/documents`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(snapshot|incremental)\//.test(name))
      .map((name) => `documents/${name}`);
    expect(pieces.length).toBeGreaterThan(3);
    const [piece = ''] = pieces;
    const bytes = read(piece);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    write(piece, bytes);
    const result = await verifyDirectory(directory);
    expect(named(result, 'damaged', piece)).toHaveLength(1);
  });
});
