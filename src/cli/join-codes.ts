/** The relay's answer to `POST /api/join-codes`. */
import { z } from 'zod';

export const joinCodeSchema = z.object({
  code: z.string(),
  /** ISO 8601. */
  expiresAt: z.string(),
});

/** A till's answer to the same: it chose the terminal. `port` is the one that the new register joins at. */
export const tillJoinCodeSchema = joinCodeSchema.extend({
  store: z.string(),
  terminal: z.string(),
  port: z.number(),
});
