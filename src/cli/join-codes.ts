/** The relay's answer to `POST /api/join-codes`. */
import { z } from 'zod';

export const joinCodeSchema = z.object({
  code: z.string(),
  /** ISO 8601. */
  expiresAt: z.string(),
});
