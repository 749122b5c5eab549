/**
 * Roles, and what each may do at a till and at head office. The roles come from HQ; the table is the product's.
 * What everyone may do is in the table too, so that a screen can ask one question for every button.
 */

export const roles = ['cashier', 'supervisor', 'manager'] as const;
export type Role = (typeof roles)[number];

const everyone: readonly Role[] = roles;
const seniors: readonly Role[] = ['supervisor', 'manager'];

const permissions = {
  sell: everyone,
  returnWithReceipt: everyone,
  countStock: everyone,
  // P2: a shop with only cashiers in it can still close its day.
  closeDay: everyone,
  /** Without a sale: the drawer is a shop's daily need, and every opening leaves an entry. */
  openDrawer: everyone,
  reprintReceipt: everyone,
  returnWithoutReceipt: seniors,
  /** Take back more of one receipt than the store's `returnLimitMinor`. */
  returnAboveLimit: seniors,
  /** Type a price, sell an item that the catalogue does not know or no longer has. */
  overridePrice: seniors,
  giveDiscount: seniors,
  /** Go on with the cart that stood open at a till that is gone. */
  takeOverCart: seniors,
  adjustStock: seniors,
  adjustLedger: seniors,
  /** Lift the lock of somebody who typed ten wrong PINs. */
  unlockOperator: seniors,
  /** See and end sessions of others; one's own everybody may. */
  endSessions: seniors,
  /** Read everything that happened at the tills, by whom. */
  readJournal: seniors,
  /** Cut and heal links of the mesh by hand. */
  switchLinks: seniors,
  /** Let a terminal back in that was barred for what it sent. */
  pardonPeer: seniors,
  /** Say that what the till found wrong with its own files was looked at. */
  checkFindings: seniors,
  /** Sign in at head office and see the stores that one manages. */
  useHeadOffice: ['manager'],
  /** Make a one-time code that lets a new till into the network. */
  enrolTerminal: ['manager'],
  /** Keep a lost or stolen till out for good. */
  revokeTerminal: ['manager'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as Permission[];

/** Whether any of the operator's roles allows it. */
export function may(
  operator: { readonly roles: readonly Role[] },
  permission: Permission,
): boolean {
  const allowed: readonly Role[] = permissions[permission];
  return operator.roles.some((role) => allowed.includes(role));
}
