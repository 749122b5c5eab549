/**
 * The carts of the store that this till may go on with: parked ones, wherever they were parked, and those that stood open at
 * a till that is gone. Which of them is paid already is known here as far as journals have come; a sale that comes later is
 * a second one of the same cart, and a flag says so.
 */
import type { DeskCart } from '../domain/desk-cart.ts';
import { linesOf } from '../domain/desk-cart.ts';
import { parsePrincipal, type TerminalId } from '../domain/ids.ts';
import { may, type Role } from '../domain/operator.ts';
import type { RefusalCode } from '../domain/refusals.ts';
import { parseHlc } from '../journal/hybrid-clock.ts';
import type { Replica } from '../replica/replica.ts';
import type { OpenCart } from './open-cart.ts';

type Held = { readonly cart: DeskCart; readonly isGone: boolean };

/** Terminals of the store of which no life is linked, and this one is none. Asked once for many carts. */
export function goneFrom({ mesh, me }: Replica): (terminal: TerminalId) => boolean {
  const { store, terminal: own } = me.identity;
  const linked = new Set<string>([own]);
  for (const peer of mesh.peers) {
    const { store: theirs, terminal } = parsePrincipal(peer);
    if (theirs === store) linked.add(terminal);
  }
  return (terminal) => !linked.has(terminal);
}

/** The newest first. */
export function openCarts(replica: Replica, carts: OpenCart): Held[] {
  const isGone = goneFrom(replica);
  const held: Held[] = [];
  for (const cart of replica.desks.carts()) {
    const isParked = cart.state === 'parked';
    const isLeft = cart.state === 'open' && isGone(cart.terminal);
    if (!isParked && !isLeft) continue;
    // A sale that was recorded elsewhere closes a cart where it is next looked at, and that may be nowhere.
    if (linesOf(cart).length === 0 || carts.saleOf(cart.id)) continue;
    held.push({ cart, isGone: isLeft });
  }
  return held.sort((a, b) => (a.cart.at < b.cart.at ? 1 : -1));
}

/** Why this cart cannot be gone on with here by somebody of these roles; undefined where it can. */
export function refusalOf(
  replica: Replica,
  carts: OpenCart,
  id: string,
  operator: { readonly roles: readonly Role[] },
): RefusalCode | undefined {
  const cart = replica.desks.cart(id);
  if (!cart || cart.state === 'paid' || cart.state === 'cleared' || carts.saleOf(id))
    return 'CART_NOT_HERE';
  if (cart.state === 'parked') return undefined;
  if (!goneFrom(replica)(cart.terminal)) return 'CART_ELSEWHERE';
  return may(operator, 'takeOverCart') ? undefined : 'TAKE_OVER_NOT_PERMITTED';
}

/** Milliseconds since 1970 by the clock of whoever wrote last into it. */
export const changedMs = ({ at }: DeskCart): number => parseHlc(at).ms;
