import { redirect } from '@sveltejs/kit';
import { runningSetup } from '#lib/host/setup-services.ts';
import { publicProgress } from '#lib/host/start-progress.ts';
import { tillOf } from '../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** Of a machine that has not joined; then of the till that it has become, until somebody can sign in. */
export const load: PageServerLoad = ({ locals }) => {
  const setup = runningSetup();
  if (setup) return { setup: setup.view(), progress: undefined, name: '' };
  const till = tillOf({ locals });
  const progress = publicProgress(till.progress(), false);
  if (progress.step === 'ready') redirect(303, '/sign-in');
  const { store, terminal } = till.status();
  return { setup: undefined, progress, name: `${store}-${terminal}` };
};
