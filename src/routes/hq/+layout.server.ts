import { openHq } from '../../screens/server/till.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) => {
  const { hq, session } = openHq(event);
  return { status: hq.status(), session, nowMs: Date.now() };
};
