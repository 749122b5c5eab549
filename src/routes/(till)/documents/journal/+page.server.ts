import { error } from '@sveltejs/kit';
import { journalQuery } from '#lib/host/screen-schemas.ts';
import { documentsShown } from '../../../../screens/documents/documents-shown.ts';
import { journalFilterNames } from '../../../../screens/journal/journal-filter.ts';
import { readFilter } from '../../../../screens/server/read-filter.ts';
import { openTill } from '../../../../screens/server/till.ts';
import { texts } from '../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till, session } = openTill(event);
  if (session.allowed.readJournal !== true) {
    till.permissionRefused?.(session.operator.id, 'readJournal');
    error(403, texts.journal.notAllowed);
  }
  const { searchParams } = event.url;
  const { filter, isMisread } = readFilter(searchParams, journalFilterNames, journalQuery);
  return {
    journal: till.journal(documentsShown, filter),
    narrowed: filter,
    isMisread,
    operators: till.operators(),
  };
};
