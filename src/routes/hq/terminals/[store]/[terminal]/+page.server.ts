import { error } from '@sveltejs/kit';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import { openHq } from '../../../../../screens/server/till.ts';
import { texts } from '../../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hq, session } = openHq(event);
  const { store, terminal } = event.params;
  const isName = isStoreId(store) && isTerminalId(terminal);
  const found = isName ? await hq.terminal(session.operator.id, store, terminal) : undefined;
  if (!found) error(404, texts.hqTerminal.unknown(store, terminal));
  return {
    found,
    mayEnrol: session.allowed.enrolTerminal === true,
    asksToReplace: event.url.searchParams.has('replace'),
    mayRevoke: session.allowed.revokeTerminal === true,
  };
};
