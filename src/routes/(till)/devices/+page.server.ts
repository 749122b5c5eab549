import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till, session } = openTill(event);
  return {
    lan: till.lanView(),
    mayEndAll: session.allowed.endSessions === true,
  };
};
