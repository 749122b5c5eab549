import { openHq } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hq, session } = openHq(event);
  return {
    terminals: await hq.terminals(session.operator.id),
    mayEnrol: session.allowed.enrolTerminal === true,
  };
};
