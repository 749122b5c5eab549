import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import type { StoreId } from '../domain/ids.ts';
import { Projections } from './projections.ts';
import { SampleJournal, sku } from './sample-entries.ts';
import { schemaVersion } from './schema.ts';

describe('the file of the read models', () => {
  let directory = '';
  let file = '';
  const t1 = new SampleJournal('T1');
  for (let i = 0; i < 400; i++)
    t1.sell([
      { code: `P${i}`, milli: 1000 },
      { code: 'P0', milli: 1000 },
    ]);

  const open = (): Projections => Projections.open({ file, store: 'S01' as StoreId, own: t1.key });

  function writeWhole(): void {
    const projections = open();
    projections.fold(t1.entries);
    projections.close();
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tillmesh-projections-'));
    file = join(directory, 'projections.sqlite');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('P4: a file that was closed is read again as it was', () => {
    const first = open();
    expect(first.isFresh).toBe(true);
    first.fold(t1.entries);
    const dump = first.dump();
    first.close();
    const again = open();
    expect(again.isFresh).toBe(false);
    expect(again.dump()).toEqual(dump);
    expect(again.fold(t1.entries)).toMatchObject({ added: 0, repeated: 400 });
    again.close();
  });

  it('P1: what was folded when a process died is there, up to a commit', () => {
    const first = open();
    first.fold(t1.entries.slice(0, 100));
    const copy = join(directory, 'copy.sqlite');
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    first.close();
    file = copy;
    const again = open();
    expect(again.isFresh).toBe(false);
    expect(again.cursor(t1.key)?.seq).toBe(100);
    again.close();
  });

  it('a file of another version is replaced by an empty one', () => {
    writeWhole();
    const database = new DatabaseSync(file);
    database.exec(`pragma user_version = ${schemaVersion + 1}`);
    database.close();
    const projections = open();
    expect(projections.isFresh).toBe(true);
    expect(projections.cursor(t1.key)).toBeUndefined();
    projections.close();
  });

  it.each([
    ['text', () => writeFileSync(file, 'not a database, but longer than a header of one')],
    ['nothing', () => writeFileSync(file, '')],
    ['half of it', () => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
    ['zeros', () => writeFileSync(file, new Uint8Array(statSync(file).size))],
    [
      'a table less',
      () => {
        const database = new DatabaseSync(file);
        database.exec('drop table movements');
        database.close();
      },
    ],
  ])('a damaged file (%s) is replaced by an empty one', (_what, damage) => {
    writeWhole();
    damage();
    const projections = open();
    expect(projections.isFresh).toBe(true);
    projections.fold(t1.entries);
    expect(projections.stock(sku('P0'))).toBe(-401_000);
    projections.close();
  });

  it('P3: damage that shows while selling is an error once, never an answer from an empty file', () => {
    writeWhole();
    expect(damagePagesHolding('-command')).toBeGreaterThan(3);
    const projections = open();
    // What the start reads is sound, and after a clean end nothing else is looked at.
    expect(projections.isFresh).toBe(false);
    let caught: unknown;
    try {
      projections.commandSeen('T1-A-200-command');
    } catch (error) {
      caught = error;
    }
    expect(isTillmeshError(caught, 'FILE_DAMAGED')).toBe(true);
    expect(projections.isFresh).toBe(true);
    projections.fold(t1.entries);
    expect(projections.commandSeen('T1-A-200-command')).toMatchObject({ seq: 200 });
    projections.close();
  });

  it('after a power cut a damaged page is found at the start', () => {
    writeWhole();
    const database = new DatabaseSync(file);
    database.exec(`delete from meta where key = 'closed'`);
    database.close();
    damagePagesHolding('-command');
    const projections = open();
    expect(projections.isFresh).toBe(true);
    projections.close();
  });

  /** Overwrites the pages of the tables and indexes that hold this text; how many. */
  function damagePagesHolding(text: string): number {
    const bytes = readFileSync(file);
    let pages = 0;
    for (let start = 4096; start < bytes.length; start += 4096) {
      const page = bytes.subarray(start, start + 4096);
      if (!page.includes(text)) continue;
      page.fill(0xa5);
      pages++;
    }
    writeFileSync(file, bytes);
    return pages;
  }

  it('P8: a fold that fails leaves nothing of itself', () => {
    const projections = open();
    projections.fold(t1.entries.slice(0, 5));
    const before = projections.dump();
    const [next, after] = t1.entries.slice(5, 7);
    if (!next || !after) throw new Error('too few entries');
    const broken = { ...after, entry: { ...after.entry, wall: Symbol('no number') as never } };
    expect(() => projections.fold([next, broken])).toThrow();
    expect(projections.dump()).toEqual(before);
    projections.fold([next, after]);
    expect(projections.cursor(t1.key)?.seq).toBe(7);
    projections.close();
  });
});
