import { redirect } from '@sveltejs/kit';
import { documentsShown } from '../../../../screens/documents/documents-shown.ts';
import { journalFilterOf } from '../../../../screens/server/journal-filter.ts';
import { openTill } from '../../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till, session } = openTill(event);
  if (session.allowed.readJournal !== true) {
    till.permissionRefused?.(session.operator.id, 'readJournal');
    redirect(303, '/documents');
  }
  const narrowed = journalFilterOf(event.url.searchParams);
  return {
    journal: till.journal(documentsShown, narrowed),
    narrowed,
    operators: till.operators(),
  };
};
