import { redirect } from '@sveltejs/kit';
import { isHq, isTill } from '../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** A till begins with selling, head office with its stores; what can neither shows how it is. */
export const load: PageServerLoad = ({ locals }) => {
  if (isTill(locals.services)) redirect(303, '/sell');
  if (isHq(locals.services)) redirect(303, '/hq');
  return { status: locals.services.status() };
};
