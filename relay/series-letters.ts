/** Gives each life of a terminal a letter that no earlier one had (P3). */
import type { SeriesLetter, StoreId, TerminalId } from '../lib/domain/ids.ts';
import { nextLetter } from '../lib/domain/series.ts';
import type { Database } from './database.ts';

/** `known`: letters of the roster, for a database that was restored and has forgotten some. Used up even if never printed. */
export function giveLetter(
  database: Database,
  store: StoreId,
  terminal: TerminalId,
  known: Iterable<SeriesLetter>,
): Promise<SeriesLetter> {
  return database.run((db) =>
    db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom('series_letters')
        .select('letter')
        .where('store_id', '=', store)
        .where('terminal', '=', terminal)
        .execute();
      const letter = nextLetter([...rows.map((row) => row.letter as SeriesLetter), ...known]);
      // Two relays at once: the second one's insert fails on the key, and its enrolment is asked for again.
      await trx
        .insertInto('series_letters')
        .values({ store_id: store, terminal, letter, given_at: new Date() })
        .execute();
      return letter;
    }),
  );
}
