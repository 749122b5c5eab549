/** When a till ends a life and begins another: whatever was lost, no number is given twice. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { names } from '../documents/names.ts';
import type { JournalKey } from '../domain/ids.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import type { Disk, OpenFile } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import type { Register } from './register.ts';
import {
  carryOut,
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  sell,
  type SampleRegisterOptions,
} from './sample-register.ts';

let company: SampleCompany;
let office: SampleHeadOffice;
beforeAll(async () => {
  company = await SampleCompany.create('lives');
  office = await sampleHeadOffice(company);
});

let root: string;
let till: SampleRegisterOptions;
let open: Register | undefined;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-lives-'));
  till = { directory: join(root, 'till'), company, terminal: await company.terminal('S01', 'T1') };
  prepareDirectory(office, till);
});
afterEach(async () => {
  await open?.stop();
  open = undefined;
  rmSync(root, { recursive: true });
});

async function start(): Promise<Register> {
  await open?.stop();
  open = await openRegister(till);
  return open;
}

const segmentOf = (journal: JournalKey, segment: number) =>
  join(till.directory, 'journals', journal, `${segment}.changes`);

function flipByte(path: string, at: (length: number) => number): void {
  const bytes = readFileSync(path);
  const place = at(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  writeFileSync(path, bytes);
}

let commands = 0;
const sale = (register: Register) =>
  sell(register, `command-${++commands}`, [{ sku: 'TEA', quantityMilli: 1_000 }]).number;

/** What was lost of a till that had sold five times, all beneath its data directory but the witness. */
const losses: [string, (journal: JournalKey) => void][] = [
  ['the end of its journal', (journal) => flipByte(segmentOf(journal, 1), (length) => length - 30)],
  [
    'the end of its journal and the witness',
    (journal) => {
      flipByte(segmentOf(journal, 1), (length) => length - 30);
      lose('witness');
    },
  ],
  ['its journal', () => lose('journals')],
  ['its journal and the witness', () => lose('journals', 'witness')],
  ['its journal and the read models', () => lose('journals', 'projections')],
  ['all three', () => lose('journals', 'projections', 'witness')],
];

function lose(...parts: readonly ('journals' | 'projections' | 'witness')[]): void {
  for (const part of parts)
    if (part === 'witness') rmSync(`${till.directory}-witness`, { recursive: true });
    else
      for (const name of readdirSync(till.directory).filter((each) => each.startsWith(part)))
        rmSync(join(till.directory, name), { recursive: true });
}

describe('the lives of a till', () => {
  it.each(losses)('P3: a till that lost %s begins another life', async (_, happen) => {
    const before = await start();
    const numbers = Array.from({ length: 5 }, () => sale(before));
    const { key } = before.replica.own;
    await before.stop();
    open = undefined;
    happen(key);
    const after = await start();
    expect(after.replica.own.key).not.toBe(key);
    expect(numbers).not.toContain(sale(after));
    // And once only: it is whole again.
    const { key: second } = after.replica.own;
    expect((await start()).replica.own.key).toBe(second);
  });

  it('P3: a till that lost nothing goes on, whatever is rebuilt', async () => {
    const before = await start();
    const numbers = Array.from({ length: 5 }, () => sale(before));
    const { key } = before.replica.own;
    await before.stop();
    open = undefined;
    lose('projections', 'witness');
    const after = await start();
    expect(after.replica.own.key).toBe(key);
    expect(numbers).not.toContain(sale(after));
  });

  it('P1: a sync that fails ends the process, of whatever file: nobody knows what it kept', async () => {
    const fatal: unknown[] = [];
    let isBroken = false;
    const broken = (file: OpenFile): OpenFile => ({
      append: (bytes) => file.append(bytes),
      fdatasync() {
        if (isBroken) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        file.fdatasync();
      },
      truncate: (length) => file.truncate(length),
      length: () => file.length(),
      close: () => file.close(),
    });
    const disk: Disk = {
      ...nodeDisk,
      create: (path) =>
        (path.includes('/documents/') ? broken : (file: OpenFile) => file)(nodeDisk.create(path)),
    };
    open = await openRegister({ ...till, disk, onFatal: (error) => fatal.push(error) });
    isBroken = true;
    await open.replica.openRecords(names.inventory(open.replica.own.key));
    await vi.waitFor(() => expect(fatal).toHaveLength(1));
    expect(fatal[0]).toMatchObject({ code: 'DISK_FAILED' });
  });

  describe('that has a damaged sealed segment', () => {
    const giveBack = (register: Register, command: string) =>
      carryOut(register, {
        kind: 'CompleteReturn',
        command,
        by: 'max',
        lines: [{ sku: 'TEA', quantityMilli: 1_000 }],
        tenders: [{ kind: 'cash', amountMinor: 199 }],
      }).number;

    /** The only return and the end of its day are sealed; the day after has a sale. */
    async function twoDays() {
      const register = await start();
      const numbers = [giveBack(register, 'return-first')];
      carryOut(register, { kind: 'CloseDay', command: 'close-first', by: 'max' });
      numbers.push(sale(register));
      return { register, numbers, key: register.replica.own.key };
    }

    it('P3: begins another life at the start', async () => {
      const { register, numbers, key } = await twoDays();
      await register.stop();
      open = undefined;
      flipByte(segmentOf(key, 1), (length) => length >> 1);
      lose('projections');
      const after = await start();
      expect(after.replica.own.key).not.toBe(key);
      expect(numbers).not.toContain(giveBack(after, 'return-later'));
      expect(numbers).not.toContain(sale(after));
    });

    it('P3: gives no number more in the life in which somebody came across the damage', async () => {
      const { register, numbers, key } = await twoDays();
      const { replica } = register;
      for (const segment of [1, 2]) {
        const rule = replica.registry.journalRule(key, segment);
        if (rule) replica.journals.segments.unload(rule);
      }
      flipByte(segmentOf(key, 1), (length) => length >> 1);
      expect(() => [...replica.journals.reader.entriesFrom(key, 1)]).toThrow(
        expect.objectContaining({ code: 'FILE_DAMAGED' }),
      );
      expect(() => giveBack(register, 'return-later')).toThrow(
        expect.objectContaining({ code: 'BEGINNING_ANEW' }),
      );
      await vi.waitFor(() => expect(register.replica.own.key).not.toBe(key));
      expect(numbers).not.toContain(giveBack(register, 'return-later'));
      expect(numbers).not.toContain(sale(register));
    });
  });
});
