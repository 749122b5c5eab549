/** The filter of an address, `/documents/journal?operator=ann`: what is none there narrows nothing. */
import { journalQuery } from '#lib/host/screen-schemas.ts';
import type { JournalFilter } from '#lib/host/till-services.ts';
import { journalFilterNames } from '../journal/journal-filter.ts';

export function journalFilterOf(asked: URLSearchParams): JournalFilter {
  const given = Object.fromEntries(
    journalFilterNames.flatMap((name) => {
      const value = asked.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const read = journalQuery.safeParse(given);
  if (!read.success) return {};
  const { limit: _, ...filter } = read.data;
  return filter;
}
