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
    const bytes = readFileSync(file);
    // Every page but the first, which holds the schema; the mark of a clean end hides it from the start.
    const pages = open();
    pages.close();
    bytes.fill(0xa5, 4096 * 20);
    writeFileSync(file, bytes);
    const projections = open();
    let caught: unknown;
    try {
      projections.fold(new SampleJournal('T2').fork().entries);
      for (const { entry } of t1.entries) projections.commandSeen(entry.command);
      projections.fold([t1.sell([{ code: 'P1', milli: 1000 }])]);
    } catch (error) {
      caught = error;
    }
    if (!projections.isFresh) throw new Error('the damage was not met');
    if (caught !== undefined) expect(isTillmeshError(caught, 'FILE_DAMAGED')).toBe(true);
    projections.fold(t1.entries);
    expect(projections.cursor(t1.key)?.seq).toBe(t1.seq);
    projections.close();
  });

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
