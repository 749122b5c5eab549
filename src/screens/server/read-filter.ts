/** The filter of an address, `/documents?terminal=T1`. One that cannot be read narrows nothing, and the page says so. */
import type { z } from 'zod';

export type ReadFilter<Filter> = {
  readonly filter: Filter;
  readonly limit: number;
  /** As somebody typed it into the address line, or kept it from elsewhere: everything is shown, rather than a fault. */
  readonly isMisread: boolean;
};

/** `names`: what of an address is the filter's; whatever else a link adds is nobody's. */
export function readFilter<Asked extends { readonly limit: number }>(
  asked: URLSearchParams,
  names: readonly string[],
  query: z.ZodType<Asked>,
): ReadFilter<Omit<Asked, 'limit'>> {
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const value = asked.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const read = query.safeParse(given);
  const { limit, ...filter } = read.success ? read.data : query.parse({});
  return { filter, limit, isMisread: !read.success };
}
