import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till, session } = openTill(event);
  return {
    mesh: till.meshView(),
    loadedAtMs: Date.now(),
    maySwitch: session.allowed.switchLinks === true,
    mayPardon: session.allowed.pardonPeer === true,
  };
};
