/** A role as it comes from outside; apart from the table of rights, which pages read too. */
import { z } from 'zod';
import { roles } from './operator.ts';

export const roleField = z.enum(roles);
