import { redirect } from '@sveltejs/kit';
import { isTill } from '../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** A till begins with selling; a relay shows how it is. */
export const load: PageServerLoad = ({ locals }) => {
  if (isTill(locals.services)) redirect(303, '/sell');
  return { status: locals.services.status() };
};
