import { tilesQuery } from '#lib/host/screen-schemas.ts';
import { openTill } from '../../../screens/server/till.ts';
import { rowsShown } from '../../../screens/stock/stock-list.svelte.ts';
import type { PageServerLoad } from './$types';

/** The address says what was searched for. What no search could be is as good as nothing. */
export const load: PageServerLoad = (event) => {
  const { till } = openTill(event);
  const { searchParams } = event.url;
  const department = searchParams.get('department') ?? undefined;
  const asked = tilesQuery.safeParse({
    query: searchParams.get('query') ?? '',
    ...(department !== undefined && { department }),
    limit: String(rowsShown),
  });
  const { query, ...rest } = asked.success ? asked.data : { limit: rowsShown };
  return {
    question: { query: query ?? '', department: rest.department },
    rows: till.tiles({ ...rest, ...(query && { query }) }),
    departments: till.departments(),
  };
};
