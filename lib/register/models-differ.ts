/** Which rows two files of read models do not share, in one line for people. Both are copied first: SQLite writes beside what it opens. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dumpTables } from '../projections/dump.ts';
import { compareTable } from './verify-projections.ts';

/** Where the first of two files says something else; empty where they agree, the reason where it cannot be read. */
export function differingRows(edited: string, right: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'tillmesh-models-'));
  try {
    const [a, b] = [edited, right].map((file, at) => {
      const copy = join(scratch, `${at}.db`);
      for (const end of ['', '-wal'])
        if (existsSync(file + end)) copyFileSync(file + end, copy + end);
      return new DatabaseSync(copy);
    });
    if (!a || !b) return '';
    try {
      const found: string[] = [];
      for (const table of dumpTables)
        compareTable(table, a, b, right, ({ what }) => found.push(what));
      const more = found.length > 3 ? `; and ${found.length - 3} more` : '';
      return found.slice(0, 3).join('; ') + more;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      a.close();
      b.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
