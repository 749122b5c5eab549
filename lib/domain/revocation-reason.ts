/** Why a terminal's key is revoked, and what follows from it. Without a schema, for pages too. */

export const revocationReasons = ['lost', 'stolen', 'replaced', 'retired', 'compromised'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/**
 * Whether those go with it whom the terminal itself has enrolled. Somebody else has its key, and nothing says which of them
 * he let in; where the device is in good hands, or replaced, they stay.
 */
export const reachesEnrolled = ({ reason }: { readonly reason: string }): boolean =>
  reason !== 'replaced' && reason !== 'retired';
