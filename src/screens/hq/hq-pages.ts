/** The pages of head office, in the order of the navigation. */
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import MonitorSmartphone from '@lucide/svelte/icons/monitor-smartphone';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import { texts } from '../../texts/english.ts';
import type { ShellPage } from '../shell/pages.ts';

export const hqPages: readonly ShellPage[] = [
  { path: '/hq', name: texts.hq.overview.title, icon: LayoutDashboard },
  { path: '/hq/documents', name: texts.hq.documents.title, icon: ReceiptText },
  { path: '/hq/terminals', name: texts.hq.terminals.title, icon: MonitorSmartphone },
];

/** A store belongs to the overview, from which one comes to it. */
export const isHere = (pathname: string, path: string): boolean =>
  path === '/hq'
    ? pathname === '/hq' || pathname.startsWith('/hq/stores/')
    : pathname === path || pathname.startsWith(`${path}/`);
