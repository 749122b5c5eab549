/** What every `Disk` does, as a suite: run on the real one and on the faulty one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from './disk.ts';
import { errnoOf } from './disk-errors.ts';

export type DiskUnderTest = {
  readonly disk: Disk;
  /** An empty directory that exists. */
  readonly directory: string;
  cleanUp?(): void;
};

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

export function diskContract(name: string, make: () => DiskUnderTest): void {
  describe(`every disk: ${name}`, () => {
    let given: DiskUnderTest;
    let disk: Disk;
    let at: (path: string) => string;

    beforeEach(() => {
      given = make();
      disk = given.disk;
      at = (path) => `${given.directory}/${path}`;
    });
    afterEach(() => given.cleanUp?.());

    const put = (path: string, content: Uint8Array): void => {
      const file = disk.create(at(path));
      expect(file.append(content)).toBe(content.length);
      file.fdatasync();
      file.close();
    };
    const errnoWhen = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        return errnoOf(error);
      }
      return 'none';
    };

    it('answers undefined and empty for what is absent', () => {
      expect(disk.read(at('a'))).toBeUndefined();
      expect(disk.stat(at('a'))).toBeUndefined();
      expect(disk.stat(at('a/b'))).toBeUndefined();
      expect(disk.list(at('a'))).toEqual([]);
      expect(disk.remove(at('a'))).toBeUndefined();
    });

    it('reads back what was appended, as plain bytes that are the reader’s own', () => {
      put('a', bytes(1, 2, 3));
      const read = disk.read(at('a'));
      expect(read).toStrictEqual(bytes(1, 2, 3));
      read?.fill(9);
      expect(disk.read(at('a'))).toStrictEqual(bytes(1, 2, 3));
    });

    it('does not keep the caller’s array', () => {
      const mine = bytes(1, 2, 3);
      put('a', mine);
      mine.fill(9);
      expect(disk.read(at('a'))).toStrictEqual(bytes(1, 2, 3));
    });

    it('create fails where the file exists, openAppend goes on at its end', () => {
      put('a', bytes(1));
      expect(errnoWhen(() => disk.create(at('a')))).toBe('EEXIST');
      const file = disk.openAppend(at('a'));
      expect(file.length()).toBe(1);
      file.append(bytes(2));
      expect(file.length()).toBe(2);
      file.close();
      expect(disk.read(at('a'))).toStrictEqual(bytes(1, 2));
    });

    it('openAppend creates', () => {
      disk.openAppend(at('new')).close();
      expect(disk.read(at('new'))).toStrictEqual(bytes());
    });

    it('refuses files in directories that are absent', () => {
      expect(errnoWhen(() => disk.create(at('no/a')))).toBe('ENOENT');
      expect(errnoWhen(() => disk.openAppend(at('no/a')))).toBe('ENOENT');
      expect(errnoWhen(() => disk.syncDirectory(at('no')))).toBe('ENOENT');
    });

    it('appends at the new end after truncate', () => {
      const file = disk.create(at('a'));
      file.append(bytes(1, 2, 3, 4));
      file.truncate(2);
      file.append(bytes(9));
      file.fdatasync();
      file.close();
      expect(disk.read(at('a'))).toStrictEqual(bytes(1, 2, 9));
    });

    it('renames over an existing file, and an open handle follows its file', () => {
      put('old', bytes(1));
      const file = disk.create(at('new'));
      disk.rename(at('new'), at('old'));
      file.append(bytes(2));
      file.close();
      expect(disk.read(at('old'))).toStrictEqual(bytes(2));
      expect(disk.list(given.directory)).toEqual(['old']);
      expect(errnoWhen(() => disk.rename(at('new'), at('x')))).toBe('ENOENT');
    });

    it('makes directories with parents, lists names in order, removes with contents', () => {
      disk.makeDirectory(at('d/e'));
      disk.makeDirectory(at('d/e'));
      put('d/e/b', bytes(1));
      put('d/e/a', bytes(1));
      disk.syncDirectory(at('d/e'));
      expect(disk.list(at('d/e'))).toEqual(['a', 'b']);
      expect(disk.list(at('d'))).toEqual(['e']);
      expect(disk.read(at('d'))).toBeUndefined();
      disk.remove(at('d'));
      expect(disk.stat(at('d'))).toBeUndefined();
    });

    it('tells kind, size and an inode that a rename keeps and a copy does not', () => {
      disk.makeDirectory(at('d'));
      put('a', bytes(1, 2, 3));
      put('b', bytes(1, 2, 3));
      const a = disk.stat(at('a'));
      expect(disk.stat(at('d'))).toMatchObject({ kind: 'directory' });
      expect(a).toMatchObject({ kind: 'file', size: 3 });
      expect(a?.inode).not.toBe('');
      expect(disk.stat(at('b'))?.inode).not.toBe(a?.inode);
      disk.rename(at('a'), at('c'));
      expect(disk.stat(at('c'))?.inode).toBe(a?.inode);
    });

    it('knows its free space', () => {
      expect(disk.freeBytes(given.directory)).toBeGreaterThan(0);
    });
  });
}
