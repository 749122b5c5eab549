/** The filter of an address, `/documents?terminal=T1`: what is none there narrows nothing. */
import { documentsQuery } from '#lib/host/screen-schemas.ts';
import type { DocumentsFilter } from '#lib/host/till-services.ts';
import { filterNames } from '../documents/documents-filter.ts';

export function filterOf(asked: URLSearchParams): DocumentsFilter {
  const given = Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = asked.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  // As somebody typed it into the address line: everything, rather than a fault.
  const read = documentsQuery.safeParse(given);
  if (!read.success) return {};
  const { limit: _, ...filter } = read.data;
  return filter;
}
