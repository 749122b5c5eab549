/** The shell of a till: its pages and its keys. For the browser and for rendering. */
import { goto } from '$app/navigation';
import { page } from '$app/state';
import Inbox from '@lucide/svelte/icons/inbox';
import Network from '@lucide/svelte/icons/network';
import Package from '@lucide/svelte/icons/package';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import Smartphone from '@lucide/svelte/icons/smartphone';
import ShoppingCart from '@lucide/svelte/icons/shopping-cart';
import type { Status } from '#lib/host/services.ts';
import { texts } from '../../texts/english.ts';
import { documentHref } from '../documents/document-number.ts';
import type { ShellPlace } from './pages.ts';

/** `onDrawer` opens the dialog of the drawer; absent where there is none, or the operator may not. */
export const tillPlace = (
  { store, terminal }: Pick<Status, 'store' | 'terminal'>,
  onDrawer?: () => void,
): ShellPlace => ({
  name: `${store} · ${terminal}`,
  pages: [
    { path: '/sell', name: texts.sell.title, icon: ShoppingCart },
    { path: '/stock', name: texts.stock.title, icon: Package },
    { path: '/documents', name: texts.documentPages.title, icon: ReceiptText },
    { path: '/sync', name: texts.sync.title, icon: Network },
  ],
  menuPages: [{ path: '/devices', name: texts.devices.title, icon: Smartphone }],
  ...(onDrawer && { actions: [{ name: texts.drawer.open, icon: Inbox, run: onDrawer }] }),
  lightHref: '/sync',
  flagsHref: '/status',
  hasSounds: true,
  keys: texts.keys.rows,
  shortcuts: { f8: () => void goto(returnPath()) },
  documentHref: (number) => documentHref(number),
  readsOnly: (pathname) => pathname !== '/sell' && !pathname.endsWith('/return'),
  lost: texts.shell.asOf,
});

/** From a receipt to its return, from anywhere else to the field that finds the receipt. */
function returnPath(): string {
  const { number } = page.params;
  if (number === undefined) return '/documents?find';
  return page.url.pathname.endsWith('/return')
    ? page.url.pathname
    : `${page.url.pathname}/return${page.url.search}`;
}
