import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => ({ status: locals.services.status() });
