/** The filter of an address, `/hq/documents?store=S01&type=SaleCompleted`: what is none there is none. */
import { hqDocumentsQuery } from '#lib/host/hq-schemas.ts';
import type { HqDocumentsAsk } from '#lib/host/hq-services.ts';

export type ReadFilter = {
  readonly filter: Pick<HqDocumentsAsk, 'store' | 'terminal' | 'type'>;
  readonly limit: number;
};

export function readFilter(asked: URLSearchParams): ReadFilter {
  const given = Object.fromEntries(
    ['store', 'terminal', 'type'].flatMap((name) => {
      const value = asked.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const read = hqDocumentsQuery.safeParse(given);
  // As somebody typed it into the address line: everything, rather than a fault.
  const { limit, ...filter } = read.success ? read.data : hqDocumentsQuery.parse({});
  return { filter, limit };
}
