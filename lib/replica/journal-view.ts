/** Entries of the read models as screens read a journal: who did what, when, where. Reads, and never writes. */
import { documentCodes } from '../domain/bodies.ts';
import { parseJournalKey } from '../domain/ids.ts';
import type { JournalLine } from '../host/till-services.ts';
import type { JournalEntry } from '../projections/act-rows.ts';

/** Names of goods that a line of the list has room for. */
const namesShown = 3;

export function journalLine({ journal, wall, by, ...entry }: JournalEntry): JournalLine {
  const { seq, hash, zone, type, state, number, businessDay, currency, totalMinor } = entry;
  return {
    key: { journal, seq },
    hash,
    type,
    state,
    number,
    isDocument: Object.hasOwn(documentCodes, type) && state === 'folded',
    wallMs: wall,
    zone,
    terminal: parseJournalKey(journal).terminal,
    operator: by,
    ...(businessDay !== undefined && { businessDay }),
    ...(currency !== undefined && { currency }),
    ...(totalMinor !== undefined && { totalMinor }),
    detail: detailOf(entry.body),
  };
}

/** Without the lines of a cart, of which there may be thousands. */
function detailOf(body: unknown): JournalLine['detail'] {
  if (typeof body !== 'object' || body === null) return {};
  const { lines, ...rest } = body as { readonly lines?: unknown };
  if (!Array.isArray(lines)) return rest;
  const names = lines
    .slice(0, namesShown)
    .map((line: unknown) => (line as { readonly name?: unknown } | null)?.name);
  return { ...rest, lines: lines.length, names };
}
