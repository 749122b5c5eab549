import { openTill } from '../../screens/server/till.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) => {
  const { till, session } = openTill(event);
  return { status: till.status(), session, nowMs: Date.now() };
};
