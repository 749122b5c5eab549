/**
 * Compares two directories entry by entry: what one holds proven and the other does not is lost, or still on its way; two
 * genuine entries in one place were written by whoever has the key. Pure.
 */
import type { JournalKey } from '../domain/ids.ts';
import type { Proven } from './verify-across.ts';
import type { Report } from './verify-journal.ts';

/** @param there the journals of the other directory, which is called `name`. */
export function compareDirectories(
  here: readonly Proven[],
  there: readonly Proven[],
  name: string,
  report: Report,
): void {
  const mine = new Map(here.map((one): [JournalKey, Proven] => [one.journal, one]));
  for (const { journal, entries } of there) {
    const hashes = Map.groupBy(mine.get(journal)?.entries ?? [], ({ entry }) => entry.seq);
    const where = `journals/${journal}`;
    const absent: number[] = [];
    for (const { entry, hash } of entries) {
      const { seq } = entry;
      const found = hashes.get(seq);
      if (!found) absent.push(seq);
      else if (!found.some((read) => read.hash === hash)) {
        const what = `${name} holds another entry here, as genuine as this one`;
        report({ kind: 'forked', where, seq, what });
      }
    }
    const [seq] = absent;
    if (seq === undefined) continue;
    const what = `${absent.length} that ${name} holds ${absent.length === 1 ? 'is' : 'are'} not here, up to ${absent.at(-1)}`;
    report({ kind: 'missing', where, seq, what });
  }
}
